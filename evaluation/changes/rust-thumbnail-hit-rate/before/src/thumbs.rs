//! In-memory cache of rendered thumbnails, shared by the request threads.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use crate::render::{scale, RenderError, ThumbKey};

type Thumb = Arc<Vec<u8>>;

pub struct Source {
    pub width: usize,
    pub pixels: Vec<u8>,
}

pub struct ThumbCache {
    entries: Mutex<HashMap<ThumbKey, Thumb>>,
    capacity: usize,
    evicted: AtomicU64,
}

impl ThumbCache {
    pub fn new(capacity: usize) -> Self {
        ThumbCache {
            entries: Mutex::new(HashMap::new()),
            capacity,
            evicted: AtomicU64::new(0),
        }
    }

    pub fn evicted(&self) -> u64 {
        self.evicted.load(Ordering::Relaxed)
    }

    fn lookup(&self, key: &ThumbKey) -> Option<Thumb> {
        self.entries.lock().unwrap().get(key).cloned()
    }

    fn remember(&self, key: ThumbKey, thumb: Thumb) {
        let mut entries = self.entries.lock().unwrap();
        if entries.len() >= self.capacity {
            // Any victim will do: thumbnails cost about the same.
            if let Some(victim) = entries.keys().next().cloned() {
                entries.remove(&victim);
                self.evicted.fetch_add(1, Ordering::Relaxed);
            }
        }
        entries.insert(key, thumb);
    }

    /// Drops all sizes of a picture, for when it was replaced.
    pub fn forget(&self, picture: u64) {
        self.entries
            .lock()
            .unwrap()
            .retain(|key, _| key.picture != picture);
    }

    /// The thumbnail for `key`, rendered from `source` if need be. Two threads
    /// may render the same one at the same time; the later one wins.
    pub fn get(&self, key: &ThumbKey, source: &Source) -> Result<Thumb, RenderError> {
        if let Some(thumb) = self.lookup(key) {
            return Ok(thumb);
        }
        let rendered = scale(&source.pixels, source.width, usize::from(key.edge))?;
        let thumb = Arc::new(rendered);
        self.remember(key.clone(), Arc::clone(&thumb));
        Ok(thumb)
    }
}
