//! The plain-text digest that goes out every morning.

use std::fmt::Write;

/// One message as it came in; `subject` is the decoded header.
pub struct Message {
    pub from: String,
    pub subject: String,
    pub unread: bool,
}

fn subject_line(message: &Message) -> String {
    let mut subject = message.subject.trim().replace(['\r', '\n'], " ");
    if subject.is_empty() {
        subject.push_str("(no subject)");
    }
    subject
}

/// Renders the digest, unread messages first.
pub fn render(messages: &[Message]) -> String {
    let mut out = String::new();
    let (unread, read): (Vec<_>, Vec<_>) = messages.iter().partition(|m| m.unread);
    for (heading, group) in [("New", unread), ("Earlier", read)] {
        if group.is_empty() {
            continue;
        }
        let _ = writeln!(out, "{heading} ({})", group.len());
        for message in group {
            let _ = writeln!(out, "  {} — {}", subject_line(message), message.from);
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(subject: &str, unread: bool) -> Message {
        Message {
            from: "ops@example.org".to_string(),
            subject: subject.to_string(),
            unread,
        }
    }

    #[test]
    fn unread_messages_come_first() {
        let text = render(&[message("old", false), message("fresh", true)]);
        assert!(text.find("fresh") < text.find("old"));
    }

    #[test]
    fn empty_subjects_are_named() {
        assert!(render(&[message("  ", true)]).contains("(no subject)"));
    }
}
