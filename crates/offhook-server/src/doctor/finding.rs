//! What a check comes to.

use serde::Serialize;

/// Whether a thing is as a server needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is.
    Ok,
    /// It works, but somebody should look.
    Warning,
    /// It does not work.
    Failed,
}

impl Verdict {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed => "failed",
        }
    }
}

/// One check: what was looked at, how it is, and the way out if it is not well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at, in a word or three.
    pub check: String,
    /// How it is.
    pub verdict: Verdict,
    /// What was seen, as a sentence.
    pub says: String,
    /// What to do about it. None where all is well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub way_out: Option<String>,
}

impl Finding {
    /// All is well.
    pub fn ok(check: impl Into<String>, says: impl Into<String>) -> Self {
        Self {
            check: check.into(),
            verdict: Verdict::Ok,
            says: says.into(),
            way_out: None,
        }
    }

    /// It works, but somebody should look.
    pub fn warning(check: impl Into<String>, says: impl Into<String>, way_out: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Warning,
            way_out: Some(way_out.into()),
            ..Self::ok(check, says)
        }
    }

    /// It does not work.
    pub fn failed(check: impl Into<String>, says: impl Into<String>, way_out: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Failed,
            way_out: Some(way_out.into()),
            ..Self::ok(check, says)
        }
    }
}
