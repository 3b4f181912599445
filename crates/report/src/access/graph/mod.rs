//! Who can become whom, for programs that draw graphs: DOT and GraphML.
//!
//! Where several principals have the same targets, these stand behind one node of the kind `any_of`, to which the principals
//! have edges and from which it has edges to the targets: ten thousand principals that can become ten thousand others would be
//! a hundred million edges otherwise. An edge without a set comes from such a node.

mod dot;
mod graphml;

use std::collections::{BTreeMap, BTreeSet};

use leastgrant_access::{Access, Confidence, Gain, Graph, NodeId};

pub use dot::dot;
pub use graphml::graphml;

use crate::text::{short_resource, terminal_safe};

/// A list of so many targets is drawn edge by edge, whoever shares it.
const FEW: usize = 3;

/// What is drawn.
struct Drawing {
    /// By the name in the file.
    nodes: BTreeMap<Name, Drawn>,
    /// From, to, and whether it is sure; with the names of the sets.
    edges: BTreeMap<(Name, Name, Confidence), BTreeSet<&'static str>>,
}

/// A name that nobody but this program has made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Name {
    Administrator(usize),
    AnyOf(usize),
    Node(usize),
}

impl Name {
    fn text(self) -> String {
        match self {
            Self::Administrator(number) => format!("administrator{number}"),
            Self::AnyOf(number) => format!("any{number}"),
            Self::Node(number) => format!("node{number}"),
        }
    }
}

struct Drawn {
    kind: &'static str,
    label: String,
    arn: String,
    account_id: String,
    is_administrator: bool,
}

impl Drawing {
    fn of(access: &Access, graph: &Graph) -> Self {
        let mut drawing = Self {
            nodes: BTreeMap::new(),
            edges: BTreeMap::new(),
        };
        let numbers: BTreeMap<NodeId, usize> = graph.nodes().zip(0..).collect();
        let mut users_of: BTreeMap<usize, usize> = BTreeMap::new();
        for way in graph.nodes().flat_map(|node| graph.ways(node)) {
            if way.gain == Gain::Becomes {
                *users_of.entry(graph.target_list(way).0).or_default() += 1;
            }
        }
        // Numbered as they are met, since lists have no order of their own.
        let mut lists: BTreeMap<usize, usize> = BTreeMap::new();
        let mut accounts: BTreeMap<&str, usize> = BTreeMap::new();
        for node in graph.nodes() {
            let account_id = graph
                .arn(access, node)
                .split(':')
                .nth(4)
                .unwrap_or_default();
            let count = accounts.len();
            let account = *accounts.entry(account_id).or_insert(count);
            let name = |node: NodeId| Name::Node(numbers.get(&node).copied().unwrap_or_default());
            let administrator = Name::Administrator(account);
            if graph.is_administrator(node) {
                drawing.edge(name(node), administrator, Confidence::High, "");
                drawing.put_administrator(administrator, account_id);
                drawing.put(access, graph, node, name(node));
            }
            for way in graph.ways(node) {
                let set = way.set.name;
                match way.gain {
                    Gain::Administrator => {
                        drawing.edge(name(node), administrator, way.confidence, set);
                        drawing.put_administrator(administrator, account_id);
                    }
                    Gain::Becomes => {
                        let (list, targets) = graph.target_list(way);
                        let is_shared = users_of.get(&list).is_some_and(|users| *users > 1);
                        if !is_shared || targets.len() <= FEW {
                            for target in graph.targets(node, way) {
                                drawing.edge(name(node), name(target), way.confidence, set);
                                drawing.put(access, graph, target, name(target));
                            }
                        } else {
                            let count = lists.len();
                            let number = *lists.entry(list).or_insert(count);
                            let any = Name::AnyOf(number);
                            if number == count {
                                drawing.put_any(any, targets.len());
                                for target in targets {
                                    drawing.edge(any, name(target), Confidence::High, "");
                                    drawing.put(access, graph, target, name(target));
                                }
                            }
                            drawing.edge(name(node), any, way.confidence, set);
                        }
                    }
                    Gain::OwnRights | Gain::OthersRights | Gain::ServiceRole => continue,
                }
                drawing.put(access, graph, node, name(node));
            }
        }
        drawing
    }

    fn edge(&mut self, from: Name, to: Name, confidence: Confidence, set: &'static str) {
        let sets = self.edges.entry((from, to, confidence)).or_default();
        if !set.is_empty() {
            sets.insert(set);
        }
    }

    fn put(&mut self, access: &Access, graph: &Graph, node: NodeId, name: Name) {
        self.nodes.entry(name).or_insert_with(|| {
            let arn = graph.arn(access, node);
            let principal = graph.principal(node).and_then(|id| access.subject(id));
            Drawn {
                kind: principal.map_or("group", |principal| principal.kind.name()),
                label: terminal_safe(short_resource(arn)).into_owned(),
                arn: terminal_safe(arn).into_owned(),
                account_id: terminal_safe(arn.split(':').nth(4).unwrap_or_default()).into_owned(),
                is_administrator: graph.is_administrator(node),
            }
        });
    }

    fn put_administrator(&mut self, name: Name, account_id: &str) {
        let account_id = terminal_safe(account_id);
        self.nodes.entry(name).or_insert_with(|| Drawn {
            kind: "administrator",
            label: format!("administrator of {account_id}"),
            arn: String::new(),
            account_id: account_id.into_owned(),
            is_administrator: true,
        });
    }

    fn put_any(&mut self, name: Name, count: usize) {
        self.nodes.insert(
            name,
            Drawn {
                kind: "any_of",
                label: format!("any of {count}"),
                arn: String::new(),
                account_id: String::new(),
                is_administrator: false,
            },
        );
    }
}

fn confidence_name(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::High => "high",
        Confidence::Low => "low",
    }
}

fn sets_text(sets: &BTreeSet<&'static str>) -> String {
    let names: Vec<&str> = sets.iter().copied().collect();
    names.join(", ")
}

#[cfg(test)]
mod tests;
