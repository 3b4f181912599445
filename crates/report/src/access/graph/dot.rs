//! DOT, the language of Graphviz.

use std::io::{Result, Write};

use leastgrant_access::{Access, Confidence, Graph};

use super::{Drawing, sets_text};

/// The graph as DOT. Unsure edges are dashed.
///
/// # Errors
/// What the output refuses.
pub fn dot(access: &Access, graph: &Graph, output: &mut dyn Write) -> Result<()> {
    let drawing = Drawing::of(access, graph);
    writeln!(output, "digraph leastgrant {{")?;
    writeln!(output, "  rankdir=LR;")?;
    for (name, node) in &drawing.nodes {
        let shape = match node.kind {
            "user" => "ellipse",
            "role" => "box",
            "group" => "folder",
            "any_of" => "point",
            _ => "doubleoctagon",
        };
        let border = if node.is_administrator { 2 } else { 1 };
        writeln!(
            output,
            "  {} [label={}, tooltip={}, shape={shape}, peripheries={border}];",
            name.text(),
            quoted(&node.label),
            quoted(&node.arn),
        )?;
    }
    for ((from, to, confidence), sets) in &drawing.edges {
        let style = match confidence {
            Confidence::High => "solid",
            Confidence::Low => "dashed",
        };
        writeln!(
            output,
            "  {} -> {} [label={}, style={style}];",
            from.text(),
            to.text(),
            quoted(&sets_text(sets)),
        )?;
    }
    writeln!(output, "}}")
}

/// A quoted string. A backslash would begin an escape of labels, such as `\\N` for the node's name (Graphviz, "escString").
pub(super) fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{escaped}\"")
}
