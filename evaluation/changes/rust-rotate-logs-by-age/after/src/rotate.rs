//! Decides when a log file is full or old enough to be put away.

use std::time::Duration;

/// When to begin a new file. Both limits are optional; without any the file
/// grows for ever.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    max_bytes: Option<u64>,
    max_age: Option<Duration>,
}

impl Policy {
    pub fn max_bytes(mut self, bytes: u64) -> Policy {
        self.max_bytes = Some(bytes);
        self
    }

    pub fn max_age(mut self, age: Duration) -> Policy {
        self.max_age = Some(age);
        self
    }

    /// True if a line of `next` bytes belongs into a new file, given the size
    /// and the age of the present one. An empty file takes any line, however
    /// long, and never gets too old.
    pub fn is_due(&self, size: u64, age: Duration, next: u64) -> bool {
        if size == 0 {
            return false;
        }
        let too_big = self
            .max_bytes
            .is_some_and(|limit| size.saturating_add(next) > limit);
        let too_old = self.max_age.is_some_and(|limit| age >= limit);
        too_big || too_old
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn rotates_before_the_limit_is_crossed() {
        let policy = Policy::default().max_bytes(100);
        assert!(!policy.is_due(60, HOUR, 40));
        assert!(policy.is_due(60, HOUR, 41));
    }

    #[test]
    fn rotates_once_the_file_is_old_enough() {
        let policy = Policy::default().max_age(HOUR);
        assert!(!policy.is_due(60, HOUR - Duration::from_millis(1), 10));
        assert!(policy.is_due(60, HOUR, 10));
    }

    #[test]
    fn either_limit_is_enough() {
        let policy = Policy::default().max_bytes(100).max_age(HOUR);
        assert!(policy.is_due(99, Duration::ZERO, 2));
        assert!(policy.is_due(1, HOUR, 2));
        assert!(!policy.is_due(1, Duration::ZERO, 2));
    }

    #[test]
    fn an_empty_file_takes_any_line() {
        let policy = Policy::default().max_bytes(100).max_age(HOUR);
        assert!(!policy.is_due(0, HOUR * 2, 5_000));
    }

    #[test]
    fn without_limits_nothing_is_due() {
        assert!(!Policy::default().is_due(u64::MAX, HOUR * 10_000, 1));
    }
}
