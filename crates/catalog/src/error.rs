//! What can be wrong with a packed catalogue.

/// A packed catalogue that cannot be read. The one in the binary can: a test reads all of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It does not begin as a catalogue of this version does.
    #[error("this is no catalogue of the format `{0}`; make it again with `cargo xtask catalog`")]
    OtherFormat(&'static str),
    /// A part is cut short or changed.
    #[error("the catalogue's {0} is damaged; make it again with `cargo xtask catalog`")]
    Damaged(&'static str),
    /// A line is not understood.
    #[error(
        "line {0} of the catalogue's index is not understood; make it again with `cargo xtask catalog`"
    )]
    Line(usize),
}
