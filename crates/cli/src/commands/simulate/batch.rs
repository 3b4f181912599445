//! A batch of requests: JSON Lines in, JSON Lines out, in the same order.

use std::path::Path;

use leastgrant_access::batch::{self, PolicyCache};

use crate::exit::Outcome;
use crate::json_lines;
use crate::printer::Printer;

pub(super) fn run(path: &Path, printer: &Printer) -> anyhow::Result<Outcome> {
    json_lines::answer_all(path, printer, |cache: &mut PolicyCache, line, output| {
        batch::answer(line, cache, output)
    })
}
