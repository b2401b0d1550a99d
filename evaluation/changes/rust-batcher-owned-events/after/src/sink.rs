//! Where batches of events go.

use std::fmt;
use std::sync::mpsc::SyncSender;

#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    pub name: String,
    pub at_ms: u64,
}

#[derive(Debug, PartialEq, Eq)]
pub enum SinkError {
    Full,
    Closed,
}

impl fmt::Display for SinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SinkError::Full => f.write_str("the sink is full"),
            SinkError::Closed => f.write_str("the sink is closed"),
        }
    }
}

pub trait Sink {
    fn write(&mut self, events: Vec<Event>) -> Result<(), SinkError>;
}

/// Feeds the upload thread.
pub struct ChannelSink {
    queue: SyncSender<Vec<Event>>,
}

impl ChannelSink {
    pub fn new(queue: SyncSender<Vec<Event>>) -> Self {
        ChannelSink { queue }
    }
}

impl Sink for ChannelSink {
    fn write(&mut self, events: Vec<Event>) -> Result<(), SinkError> {
        use std::sync::mpsc::TrySendError;
        self.queue.try_send(events).map_err(|error| match error {
            TrySendError::Full(_) => SinkError::Full,
            TrySendError::Disconnected(_) => SinkError::Closed,
        })
    }
}
