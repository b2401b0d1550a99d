//! Settings read from the `key = value` file of the agent.

use std::collections::HashMap;

#[derive(Debug, Clone)]
pub struct Settings {
    endpoint: String,
    timeout_ms: u64,
    retries: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            endpoint: "http://127.0.0.1:7070".to_string(),
            timeout_ms: 10_000,
            retries: 2,
        }
    }
}

impl Settings {
    /// Builds the settings from the parsed file. Unknown keys are ignored.
    pub fn from_pairs(pairs: &HashMap<String, String>) -> Result<Settings, String> {
        let mut settings = Settings::default();
        if let Some(endpoint) = pairs.get("endpoint") {
            settings.endpoint = endpoint.trim_end_matches('/').to_string();
        }
        if let Some(value) = pairs.get("retries") {
            settings.retries = value
                .parse()
                .map_err(|_| format!("retries: not a number: {value}"))?;
        }
        if let Some(value) = pairs.get("timeout_ms") {
            settings.timeout_ms = value
                .parse()
                .ok()
                .filter(|ms| *ms > 0)
                .ok_or_else(|| format!("timeout_ms: not a positive number: {value}"))?;
        }
        if let Some(value) = pairs.get("timeout") {
            let seconds: u64 = value
                .parse()
                .map_err(|_| format!("timeout: not a number: {value}"))?;
            settings.timeout_ms = seconds.saturating_mul(1000);
        }
        Ok(settings)
    }

    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    pub fn retries(&self) -> u32 {
        self.retries
    }

    /// How long one request may take, in milliseconds.
    pub fn request_timeout(&self) -> u64 {
        self.timeout_ms
    }
}
