//! Settings read from the `key = value` file of the agent.

use std::collections::HashMap;

#[derive(Debug, Clone)]
pub struct Settings {
    endpoint: String,
    timeout: u64,
    retries: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            endpoint: "http://127.0.0.1:7070".to_string(),
            timeout: 10,
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
        if let Some(value) = pairs.get("timeout") {
            settings.timeout = value
                .parse()
                .map_err(|_| format!("timeout: not a number: {value}"))?;
        }
        Ok(settings)
    }

    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    pub fn retries(&self) -> u32 {
        self.retries
    }

    /// How long one request may take, in seconds.
    pub fn request_timeout(&self) -> u64 {
        self.timeout
    }
}
