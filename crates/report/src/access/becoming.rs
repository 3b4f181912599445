//! Who can become a principal: as a table, CSV and `leastgrant.who-can-become/1`.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Result, Write};

use ::csv::{Terminator, WriterBuilder};
use leastgrant_access::{
    Access, Confidence, Graph, Hop, NodeId, Path, SubjectId, Unknown, WayEvidence,
};
use leastgrant_inventory::counted;
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::Serialize;

use super::{StatementObject, UnknownObject, statement_objects, unknown_objects};
use crate::safe_lines;
use crate::table::{PADDING, Terminal, columns_of, empty_table, finished};
use crate::text::{defused_cell, short_resource, terminal_safe};
use crate::wrap::wrapped;

/// The `schema` of `who-can --become --format json`.
pub(crate) const SCHEMA: &str = "leastgrant.who-can-become/1";

/// The columns of `who-can --become --format csv`, in order: a row for each principal.
pub const COLUMNS: [&str; 8] = [
    "account_id",
    "principal_arn",
    "principal_type",
    "answer",
    "confidence",
    "steps",
    "path",
    "condition_keys",
];

/// Who goes a step, which of their ways, and to whom.
type StepKey = (NodeId, &'static str, Option<NodeId>);

/// Who can become whom, with what is not known.
pub struct Becoming<'a> {
    access: &'a Access,
    graph: &'a Graph,
    target: &'a str,
    paths: Vec<(NodeId, Path)>,
    evidence: BTreeMap<StepKey, WayEvidence>,
    /// What is not known and may let others.
    pub unknowns: Vec<Unknown>,
}

impl<'a> Becoming<'a> {
    /// Searches for all that can become a principal.
    #[must_use]
    pub fn of(access: &'a Access, graph: &'a Graph, target: SubjectId) -> Self {
        let mut paths = graph.paths_to(access, target);
        // A group can be joined on the way, and is nobody.
        paths.retain(|(node, _)| graph.principal(*node).is_some());
        // Thousands of paths end with the same steps.
        let hops = paths.iter().flat_map(|(_, path)| &path.hops);
        let steps: BTreeMap<StepKey, &Hop> =
            hops.filter_map(|hop| Some((step_key(hop)?, hop))).collect();
        let evidence: Vec<(StepKey, WayEvidence)> = steps
            .into_par_iter()
            .filter_map(|(key, hop)| {
                let way = hop.way.as_ref()?;
                Some((key, graph.evidence(access, hop.from, way, hop.to)))
            })
            .collect();
        Self {
            evidence: evidence.into_iter().collect(),
            target: graph.arn(access, graph.node_of(target)),
            access,
            graph,
            paths,
            unknowns: access.unknowns(),
        }
    }

    /// One line on standard error.
    #[must_use]
    pub fn summary(&self) -> String {
        let count = |wanted| {
            let paths = self.paths.iter();
            paths
                .filter(|(_, path)| self.answer(path) == wanted)
                .count()
        };
        let (sure, depends) = (count("yes"), count("depends"));
        let mut text = format!(
            "{sure} of {} can become `{}`",
            counted(self.access.principals().len(), "principal"),
            terminal_safe(self.target)
        );
        if depends > 0 {
            text.push_str(&format!(", {depends} depending on the context"));
        }
        let perhaps = self.paths.len() - sure - depends;
        if perhaps > 0 {
            text.push_str(&format!(", {perhaps} perhaps"));
        }
        text
    }

    /// A table for the terminal.
    #[must_use]
    pub fn table(&self, terminal: Terminal) -> String {
        let mut text = String::new();
        let width = columns_of(terminal.width);
        if !self.paths.is_empty() {
            let mut table = empty_table(true);
            table.set_header(["answer", "principal", "path"]);
            let left = width.saturating_sub(8 + width / 3 + 3 * PADDING).max(20);
            for (node, path) in &self.paths {
                let arn = terminal_safe(self.graph.arn(self.access, *node)).into_owned();
                table.add_row([
                    self.answer(path).to_owned(),
                    wrapped(&arn, width / 3).join("\n"),
                    wrapped(&self.path_and_keys(path), left).join("\n"),
                ]);
            }
            text.push_str(&finished(&table));
        }
        let notes = self.access.notes().iter().map(String::as_str);
        let unknowns = self.unknowns.iter().map(|own| &*own.reason);
        let lines: Vec<&str> = unknowns.chain(notes).collect();
        if !lines.is_empty() {
            text.push_str(if text.is_empty() {
                "not known\n"
            } else {
                "\nnot known\n"
            });
            for line in lines {
                let safe = terminal_safe(line);
                for (index, part) in wrapped(&safe, width.saturating_sub(4)).iter().enumerate() {
                    let indent = if index == 0 { "  - " } else { "    " };
                    text.push_str(&format!("{indent}{part}\n"));
                }
            }
        }
        text
    }

    /// A row for each principal.
    ///
    /// # Errors
    /// What the output refuses.
    pub fn csv(&self, output: &mut dyn Write) -> Result<()> {
        let mut writer = WriterBuilder::new()
            .terminator(Terminator::CRLF)
            .from_writer(output);
        writer.write_record(COLUMNS)?;
        for (node, path) in &self.paths {
            let cells = [
                self.account_id(*node).to_owned(),
                self.graph.arn(self.access, *node).to_owned(),
                self.kind(*node).to_owned(),
                self.answer(path).to_owned(),
                confidence(path.confidence()).to_owned(),
                path.hops.len().to_string(),
                self.path_words(path),
                self.keys(path).join("|"),
            ];
            writer.write_record(cells.iter().map(|cell| defused_cell(cell).into_owned()))?;
        }
        writer.flush()
    }

    /// `leastgrant.who-can-become/1`.
    ///
    /// # Errors
    /// What the output refuses.
    pub fn json(&self, output: &mut dyn Write) -> Result<()> {
        let paths = self.paths.iter();
        let principals = paths.map(|(node, path)| PrincipalObject {
            principal_arn: self.graph.arn(self.access, *node),
            principal_type: self.kind(*node),
            account_id: self.account_id(*node),
            answer: self.answer(path),
            confidence: confidence(path.confidence()),
            path: path.hops.iter().map(|hop| self.hop_object(hop)).collect(),
        });
        let document = Document {
            schema: SCHEMA,
            principal_arn: self.target,
            asked: self.access.principals().len(),
            principals: principals.collect(),
            not_known: unknown_objects(&self.unknowns),
            notes: self.access.notes(),
        };
        safe_lines::write(output, &document)
    }

    fn kind(&self, node: NodeId) -> &'static str {
        let principal = self.graph.principal(node);
        let subject = principal.and_then(|id| self.access.subject(id));
        subject.map_or("group", |subject| subject.kind.name())
    }

    fn account_id(&self, node: NodeId) -> &'a str {
        let arn = self.graph.arn(self.access, node);
        arn.split(':').nth(4).unwrap_or_default()
    }

    fn path_words(&self, path: &Path) -> String {
        let steps = path.hops.iter().map(|hop| {
            let to = hop.to.map_or("administrator", |to| {
                short_resource(self.graph.arn(self.access, to))
            });
            let way = hop.way.as_ref();
            format!(
                "{} ({})",
                terminal_safe(to),
                way.map_or("administrator", |way| way.set.name)
            )
        });
        steps.collect::<Vec<_>>().join(" → ")
    }

    fn path_and_keys(&self, path: &Path) -> String {
        let keys: Vec<String> = self
            .keys(path)
            .iter()
            .map(|key| format!("`{}`", terminal_safe(key)))
            .collect();
        match keys.is_empty() {
            true => self.path_words(path),
            false => format!("{}; depends on {}", self.path_words(path), keys.join(", ")),
        }
    }

    fn evidence(&self, hop: &Hop) -> Option<&WayEvidence> {
        self.evidence.get(&step_key(hop)?)
    }

    /// The context keys that a path depends on, in lower case, each once.
    fn keys(&self, path: &Path) -> Vec<&str> {
        let evidence = path.hops.iter().filter_map(|hop| self.evidence(hop));
        let keys: BTreeSet<&str> = evidence
            .flat_map(|own| &own.keys)
            .map(String::as_str)
            .collect();
        keys.into_iter().collect()
    }

    fn answer(&self, path: &Path) -> &'static str {
        match path.confidence() {
            Confidence::Low => "perhaps",
            Confidence::High if self.keys(path).is_empty() => "yes",
            Confidence::High => "depends",
        }
    }

    fn hop_object<'h>(&'h self, hop: &'h Hop) -> HopObject<'h> {
        let way = hop.way.as_ref();
        let evidence = self.evidence(hop);
        let granted = evidence.map_or(&[][..], |evidence| &evidence.granted);
        HopObject {
            from_arn: self.graph.arn(self.access, hop.from),
            to_arn: hop.to.map(|to| self.graph.arn(self.access, to)),
            set: way.map(|way| way.set.name),
            confidence: confidence(way.map_or(Confidence::High, |way| way.confidence)),
            actions: granted
                .iter()
                .map(|own| ActionObject {
                    action: own.action.as_str(),
                    resource: own.resource.as_deref(),
                    statements: statement_objects(self.access, &own.statements, false),
                })
                .collect(),
            condition_keys: evidence.map_or(&[], |evidence| &evidence.keys),
        }
    }
}

fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::High => "high",
        Confidence::Low => "low",
    }
}

fn step_key(hop: &Hop) -> Option<StepKey> {
    Some((hop.from, hop.way.as_ref()?.set.name, hop.to))
}

/// The principals that can become one, directly or over steps.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "who-can-become")]
pub(in crate::access) struct Document<'a> {
    /// The version of this shape.
    #[schemars(extend("const" = SCHEMA))]
    schema: &'static str,
    /// Whom they can become.
    principal_arn: &'a str,
    /// How many principals were asked about.
    asked: usize,
    /// Those that can, sorted by ARN.
    principals: Vec<PrincipalObject<'a>>,
    /// What is not known of principals' policies.
    not_known: Vec<UnknownObject<'a>>,
    /// What the whole inventory lacks.
    notes: &'a [String],
}

/// A principal that can.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "becoming_principal")]
struct PrincipalObject<'a> {
    /// Its ARN.
    principal_arn: &'a str,
    /// `user`, `role` or `root`.
    principal_type: &'static str,
    /// Twelve digits.
    account_id: &'a str,
    /// `yes`, `depends` on the context, or `perhaps` where the confidence is low.
    answer: &'static str,
    /// `high`, or `low` where a step rests on something that an inventory does not hold.
    confidence: &'static str,
    /// The shortest way, over steps of high confidence where there is such a way.
    path: Vec<HopObject<'a>>,
}

/// A step.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "step")]
struct HopObject<'a> {
    /// Who goes it: a principal, or a group that was joined.
    from_arn: &'a str,
    /// Whom it becomes; null where it gives itself any right.
    to_arn: Option<&'a str>,
    /// The set of actions; null for an administrator, who needs none.
    set: Option<&'static str>,
    /// `high` or `low`.
    confidence: &'static str,
    /// The set's actions, each with what grants it.
    actions: Vec<ActionObject<'a>>,
    /// The context keys that it depends on, in lower case.
    condition_keys: &'a [String],
}

/// An action of a step.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "step_action")]
struct ActionObject<'a> {
    /// The action.
    action: &'static str,
    /// On what; null where it is allowed on something that is of no kind that an inventory holds.
    resource: Option<&'a str>,
    /// The statements that grant it, and those that may deny it.
    statements: Vec<StatementObject<'a>>,
}
