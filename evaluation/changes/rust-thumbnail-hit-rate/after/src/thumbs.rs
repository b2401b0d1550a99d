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

/// What the metrics page shows about the cache.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CacheStats {
    pub hits: u64,
    pub misses: u64,
    pub evicted: u64,
}

impl CacheStats {
    /// Share of lookups answered from memory; 0 before the first lookup.
    pub fn hit_rate(&self) -> f64 {
        let total = self.hits + self.misses;
        if total == 0 {
            return 0.0;
        }
        self.hits as f64 / total as f64
    }
}

pub struct ThumbCache {
    entries: Mutex<HashMap<ThumbKey, Thumb>>,
    capacity: usize,
    hits: AtomicU64,
    misses: AtomicU64,
    evicted: AtomicU64,
}

impl ThumbCache {
    pub fn new(capacity: usize) -> Self {
        ThumbCache {
            entries: Mutex::new(HashMap::new()),
            capacity,
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
            evicted: AtomicU64::new(0),
        }
    }

    pub fn stats(&self) -> CacheStats {
        CacheStats {
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
            evicted: self.evicted.load(Ordering::Relaxed),
        }
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
        match self.entries.lock().unwrap().get(key) {
            Some(thumb) => {
                self.hits.fetch_add(1, Ordering::Relaxed);
                Ok(Arc::clone(thumb))
            }
            None => {
                self.misses.fetch_add(1, Ordering::Relaxed);
                let rendered = scale(&source.pixels, source.width, usize::from(key.edge))?;
                let thumb = Arc::new(rendered);
                self.remember(key.clone(), Arc::clone(&thumb));
                Ok(thumb)
            }
        }
    }
}
