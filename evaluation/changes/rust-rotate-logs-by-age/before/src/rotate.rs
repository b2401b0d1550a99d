//! Decides when a log file is full.

/// When to begin a new file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    pub max_bytes: u64,
}

impl Policy {
    /// True if `next` more bytes do not fit behind the `size` bytes there are.
    /// An empty file takes any line, however long.
    pub fn is_due(&self, size: u64, next: u64) -> bool {
        size > 0 && size.saturating_add(next) > self.max_bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rotates_before_the_limit_is_crossed() {
        let policy = Policy { max_bytes: 100 };
        assert!(!policy.is_due(60, 40));
        assert!(policy.is_due(60, 41));
    }

    #[test]
    fn an_empty_file_takes_any_line() {
        assert!(!Policy { max_bytes: 100 }.is_due(0, 5_000));
    }
}
