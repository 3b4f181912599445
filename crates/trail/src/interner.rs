//! Texts to numbers, so that rows are told apart without comparing texts.

use std::sync::Arc;

use rustc_hash::FxHashMap;

/// Texts, each once.
#[derive(Debug, Default)]
pub(crate) struct Interner {
    numbers: FxHashMap<Arc<str>, u32>,
    texts: Vec<Arc<str>>,
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
        static EMPTY: std::sync::LazyLock<Arc<str>> = std::sync::LazyLock::new(|| "".into());
        usize::try_from(number)
            .ok()
            .and_then(|number| self.texts.get(number))
            .unwrap_or(&EMPTY)
    }

    /// Adds the texts of another one, and gives their numbers here in the order of their numbers there.
    pub(crate) fn add_all(&mut self, other: &Self) -> Vec<u32> {
        other.texts.iter().map(|text| self.number(text)).collect()
    }
}
