//! Unified diffs of documents, old to new.

use leastgrant_minimize::PolicyOutcome;
use leastgrant_policy::{Layout, Policy};
use similar::TextDiff;

use crate::text::terminal_safe;

/// The diff of one policy. Documents on one line are laid out first, or nothing could be seen. `name` is the file of a document.
pub(super) fn unified(policy: &PolicyOutcome, name: impl Fn(usize) -> String) -> String {
    let old = laid_out(&policy.old);
    let new: Vec<String> = policy.new.iter().map(|text| laid_out(text)).collect();
    let named = |side: &str, document: usize| format!("{side}/{}", terminal_safe(&name(document)));
    let mut diff = String::new();
    let first = new.first().map_or("", String::as_str);
    let to = if new.is_empty() {
        "/dev/null".to_owned()
    } else {
        named("new", 0)
    };
    diff.push_str(&one(&old, first, &named("old", 0), &to));
    for (document, text) in new.iter().enumerate().skip(1) {
        diff.push_str(&one("", text, "/dev/null", &named("new", document)));
    }
    diff
}

fn one(old: &str, new: &str, from: &str, to: &str) -> String {
    let diff = TextDiff::from_lines(old, new);
    let text = diff
        .unified_diff()
        .context_radius(3)
        .header(from, to)
        .to_string();
    // Documents hold what anybody wrote into them; line ends stay.
    text.split_inclusive('\n')
        .map(|line| match line.strip_suffix('\n') {
            Some(line) => format!("{}\n", terminal_safe(line)),
            None => terminal_safe(line).into_owned(),
        })
        .collect()
}

fn laid_out(text: &str) -> String {
    let is_laid_out = text.trim().contains('\n');
    let mut laid_out = match Policy::parse(text) {
        Ok(policy) if !is_laid_out => policy.print(Layout::TWO_SPACES),
        _ => text.replace("\r\n", "\n"),
    };
    if !laid_out.ends_with('\n') {
        laid_out.push('\n');
    }
    laid_out
}
