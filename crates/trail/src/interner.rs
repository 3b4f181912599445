//! Texts to numbers, so that rows are told apart without comparing texts.

use std::sync::Arc;

use rustc_hash::FxHashMap;

/// The number of the empty text.
pub(crate) const EMPTY: u32 = 0;

/// Texts, each once.
#[derive(Debug)]
pub(crate) struct Interner {
    numbers: FxHashMap<Arc<str>, u32>,
    texts: Vec<Arc<str>>,
    empty: Arc<str>,
}

impl Default for Interner {
    fn default() -> Self {
        let empty: Arc<str> = "".into();
        Self {
            numbers: FxHashMap::from_iter([(Arc::clone(&empty), EMPTY)]),
            texts: vec![Arc::clone(&empty)],
            empty,
        }
    }
}

impl Interner {
    pub(crate) fn number(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        let text: Arc<str> = text.into();
        self.texts.push(Arc::clone(&text));
        self.numbers.insert(text, number);
        number
    }

    pub(crate) fn text(&self, number: u32) -> &Arc<str> {
        usize::try_from(number)
            .ok()
            .and_then(|number| self.texts.get(number))
            .unwrap_or(&self.empty)
    }

    /// Adds the texts of another one, and gives their numbers here in the order of their numbers there.
    pub(crate) fn add_all(&mut self, other: &Self) -> Vec<u32> {
        other.texts.iter().map(|text| self.number(text)).collect()
    }
}
