//! Collects events until there are enough of them to be worth an upload.

use crate::sink::{Event, Sink, SinkError};

pub struct Batcher<S: Sink> {
    sink: S,
    pending: Vec<Event>,
    limit: usize,
}

impl<S: Sink> Batcher<S> {
    pub fn new(sink: S, limit: usize) -> Self {
        Batcher {
            sink,
            pending: Vec::with_capacity(limit),
            limit,
        }
    }

    pub fn waiting(&self) -> usize {
        self.pending.len()
    }

    /// Queues one event and sends the batch if that makes it full.
    pub fn push(&mut self, event: Event) -> Result<(), SinkError> {
        self.pending.push(event);
        if self.pending.len() >= self.limit {
            self.flush()?;
        }
        Ok(())
    }

    /// Sends what waits. If the sink is full the events stay queued and go
    /// out with the next call.
    pub fn flush(&mut self) -> Result<usize, SinkError> {
        let sent = self.pending.len();
        if sent == 0 {
            return Ok(0);
        }
        let batch = std::mem::replace(&mut self.pending, Vec::with_capacity(self.limit));
        self.sink.write(batch)?;
        Ok(sent)
    }
}
