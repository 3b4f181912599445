//! Policies by their text: real batches ask many requests of the same policies.

use std::collections::HashMap;
use std::sync::Arc;

use leastgrant_policy::{Policy, SyntaxError};

/// So many bytes of text are kept. Parsed, a policy takes a small multiple of its text.
const MAX_BYTES: usize = 16 << 20;

/// Parsed policies by their text, for one thread.
#[derive(Debug, Default)]
pub struct PolicyCache {
    policies: HashMap<Box<str>, Arc<Policy>>,
    bytes: usize,
}

impl PolicyCache {
    /// The policy of this text; only the readable ones are kept.
    pub(super) fn parse(&mut self, text: &str) -> Result<Arc<Policy>, SyntaxError> {
        if let Some(known) = self.policies.get(text) {
            return Ok(Arc::clone(known));
        }
        let policy = Arc::new(Policy::parse(text)?);
        // Starting anew is cheaper than to keep account of what was used last, and batches repeat what they have just asked.
        if self.bytes + text.len() > MAX_BYTES {
            self.policies.clear();
            self.bytes = 0;
        }
        self.bytes += text.len();
        self.policies.insert(text.into(), Arc::clone(&policy));
        Ok(policy)
    }
}
