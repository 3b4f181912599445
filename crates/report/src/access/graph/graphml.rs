//! GraphML, an XML format of yEd, Gephi, Neo4j and NetworkX.

use std::io::{Result, Write};

use leastgrant_access::{Access, Graph};
use quick_xml::escape::escape;

use super::{Drawing, confidence_name, sets_text};

/// Key, what it is of, and its type.
const KEYS: [(&str, &str, &str); 7] = [
    ("kind", "node", "string"),
    ("label", "node", "string"),
    ("arn", "node", "string"),
    ("account_id", "node", "string"),
    ("administrator", "node", "boolean"),
    ("sets", "edge", "string"),
    ("confidence", "edge", "string"),
];

/// The graph as GraphML.
///
/// # Errors
/// What the output refuses.
pub fn graphml(access: &Access, graph: &Graph, output: &mut dyn Write) -> Result<()> {
    let drawing = Drawing::of(access, graph);
    writeln!(output, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(
        output,
        r#"<graphml xmlns="http://graphml.graphdrawing.org/xmlns">"#
    )?;
    for (key, of, kind) in KEYS {
        writeln!(
            output,
            r#"  <key id="{key}" for="{of}" attr.name="{key}" attr.type="{kind}"/>"#
        )?;
    }
    writeln!(
        output,
        r#"  <graph id="leastgrant" edgedefault="directed">"#
    )?;
    for (name, node) in &drawing.nodes {
        writeln!(output, r#"    <node id="{}">"#, name.text())?;
        data(output, "kind", node.kind)?;
        data(output, "label", &node.label)?;
        data(output, "arn", &node.arn)?;
        data(output, "account_id", &node.account_id)?;
        data(output, "administrator", &node.is_administrator.to_string())?;
        writeln!(output, "    </node>")?;
    }
    for ((from, to, confidence), sets) in &drawing.edges {
        writeln!(
            output,
            r#"    <edge source="{}" target="{}">"#,
            from.text(),
            to.text()
        )?;
        data(output, "sets", &sets_text(sets))?;
        data(output, "confidence", confidence_name(*confidence))?;
        writeln!(output, "    </edge>")?;
    }
    writeln!(output, "  </graph>")?;
    writeln!(output, "</graphml>")
}

/// Characters that XML has no way to write were made visible before, by `terminal_safe`.
fn data(output: &mut dyn Write, key: &str, text: &str) -> Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    writeln!(output, r#"      <data key="{key}">{}</data>"#, escape(text))
}
