//! Access levels: what kind of thing an action does.

use std::fmt;

/// What kind of thing an action does, as AWS classifies it (Service Authorization Reference, "Access levels").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccessLevel {
    /// Names resources.
    List,
    /// Grants or changes permissions.
    PermissionsManagement,
    /// Reads what resources hold.
    Read,
    /// Changes tags only.
    Tagging,
    /// Creates, changes or deletes resources.
    Write,
}

impl AccessLevel {
    /// All of them, sorted by name.
    pub const ALL: [Self; 5] = [
        Self::List,
        Self::PermissionsManagement,
        Self::Read,
        Self::Tagging,
        Self::Write,
    ];

    /// As AWS writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::List => "List",
            Self::PermissionsManagement => "Permissions management",
            Self::Read => "Read",
            Self::Tagging => "Tagging",
            Self::Write => "Write",
        }
    }

    fn bit(self) -> u8 {
        match self {
            Self::List => 1,
            Self::PermissionsManagement => 1 << 1,
            Self::Read => 1 << 2,
            Self::Tagging => 1 << 3,
            Self::Write => 1 << 4,
        }
    }

    /// By the initial, which is what the packed file has.
    fn of_initial(initial: char) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|level| level.name().starts_with(initial))
    }
}

/// The access levels of one action: one, or two such as `Tagging, Write`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct AccessLevels(u8);

impl AccessLevels {
    /// Whether this level is among them.
    #[must_use]
    pub fn contains(self, level: AccessLevel) -> bool {
        self.0 & level.bit() != 0
    }

    /// The levels, sorted by name.
    pub fn iter(self) -> impl Iterator<Item = AccessLevel> {
        AccessLevel::ALL
            .into_iter()
            .filter(move |level| self.contains(*level))
    }

    pub(crate) fn of_initials(initials: &str) -> Option<Self> {
        let mut levels = Self::default();
        for initial in initials.chars() {
            levels.0 |= AccessLevel::of_initial(initial)?.bit();
        }
        (!initials.is_empty()).then_some(levels)
    }
}

impl fmt::Display for AccessLevels {
    /// As `Permissions management, Write`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, level) in self.iter().enumerate() {
            if position > 0 {
                formatter.write_str(", ")?;
            }
            formatter.write_str(level.name())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_written_by_name_and_read_by_initial() {
        let levels = AccessLevels::of_initials("WP").unwrap();
        assert_eq!(levels.to_string(), "Permissions management, Write");
        assert!(levels.contains(AccessLevel::Write));
        assert!(!levels.contains(AccessLevel::Read));
        assert_eq!(AccessLevels::of_initials("X"), None);
        assert_eq!(AccessLevels::of_initials(""), None);
    }
}
