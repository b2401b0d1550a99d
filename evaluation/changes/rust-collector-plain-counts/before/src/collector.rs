//! Counts samples by name. One thread owns the counts; everybody else talks to
//! it through a `Handle`.

use std::collections::HashMap;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

enum Command {
    Add { name: String, by: u64 },
    Snapshot { reply: Sender<HashMap<String, u64>> },
    Reset,
    Stop,
}

struct Worker {
    commands: Receiver<Command>,
    counts: Arc<Mutex<HashMap<String, u64>>>,
}

impl Worker {
    fn run(self) {
        while let Ok(command) = self.commands.recv() {
            match command {
                Command::Add { name, by } => {
                    let mut counts = self.counts.lock().unwrap();
                    let count = counts.entry(name).or_insert(0);
                    *count = count.saturating_add(by);
                }
                Command::Snapshot { reply } => {
                    let copy = self.counts.lock().unwrap().clone();
                    // The asker may have given up in the meantime.
                    let _ = reply.send(copy);
                }
                Command::Reset => self.counts.lock().unwrap().clear(),
                Command::Stop => break,
            }
        }
    }
}

#[derive(Clone)]
pub struct Handle {
    commands: Sender<Command>,
}

impl Handle {
    /// Does nothing once the collector has stopped.
    pub fn add(&self, name: &str, by: u64) {
        let _ = self.commands.send(Command::Add {
            name: name.to_string(),
            by,
        });
    }

    pub fn reset(&self) {
        let _ = self.commands.send(Command::Reset);
    }

    /// A copy of the counts, or None once the collector has stopped.
    pub fn snapshot(&self) -> Option<HashMap<String, u64>> {
        let (reply, answer) = mpsc::channel();
        self.commands.send(Command::Snapshot { reply }).ok()?;
        answer.recv().ok()
    }
}

pub struct Collector {
    handle: Handle,
    thread: Option<JoinHandle<()>>,
}

impl Collector {
    pub fn start() -> Collector {
        let (sender, receiver) = mpsc::channel();
        let worker = Worker {
            commands: receiver,
            counts: Arc::new(Mutex::new(HashMap::new())),
        };
        Collector {
            handle: Handle { commands: sender },
            thread: Some(thread::spawn(move || worker.run())),
        }
    }

    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        let _ = self.handle.commands.send(Command::Stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
