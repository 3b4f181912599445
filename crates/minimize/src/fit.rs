//! New documents within IAM's quotas: more documents before shorter lists, shorter lists before wider ones.

use std::collections::{BTreeMap, HashSet};

use leastgrant_policy::document::Spanned;
use leastgrant_policy::{
    ActionPattern, DocumentSize, Edited, Element, Policy, ResourcePattern, Span, Statement,
    StatementEdit,
};

use crate::list::{self, Form};
use crate::narrow::{Narrowed, Part};
use crate::needs::{actions_in, services};

/// How large the documents in the place of one may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Room {
    /// Characters of one document.
    pub(crate) characters: usize,
    /// How many there may be.
    pub(crate) documents: usize,
}

/// New documents with the old statement that each Allow refines.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Documents {
    /// None: the policy goes.
    pub(crate) texts: Vec<String>,
    /// Document, statement of it, and the old statement.
    pub(crate) refinements: Vec<(usize, usize, usize)>,
    /// Whether lists had to be written shorter than by names.
    pub(crate) is_shortened: bool,
}

/// What stands in the place of one statement.
#[derive(Debug, Clone)]
enum Piece {
    /// The statement itself.
    Kept(usize),
    /// A part of it.
    New(usize, Box<Statement>),
}

/// Longer lists are cut, so that each part fits into a document.
const MOST_OF_A_LIST: usize = 4_500;
/// What stands around the statements of a document.
const AROUND: usize = 60;

/// The documents, or why there are none.
pub(crate) fn fit(
    policy: &Policy,
    narrowed: &[Narrowed],
    room: Room,
) -> Result<Documents, &'static str> {
    let parts: Vec<&Part> = narrowed
        .iter()
        .flat_map(|own| match own {
            Narrowed::Keep => [].as_slice(),
            Narrowed::Parts(parts) => parts,
        })
        .collect();
    let owned: Vec<Part> = parts.into_iter().cloned().collect();
    let mut costs: Vec<(usize, &'static str)> = list::costs(&owned)
        .into_iter()
        .map(|(service, cost)| (cost, service))
        .collect();
    // Where names take the most room most is won, and those that rule over others come last.
    costs.sort_by_key(|(cost, service)| (is_ruling(service), usize::MAX - cost, *service));
    let capacity = room.characters.saturating_mul(room.documents);
    let names: usize = costs.iter().map(|(cost, _)| cost).sum();
    let order: Vec<&'static str> = costs.iter().map(|(_, service)| *service).collect();
    let mut form = Form::default();
    // Lists far too long are not even written. Put together, names take half of their room at best.
    for puts_together in [false, true] {
        form.puts_together = puts_together;
        let least = if puts_together { names / 2 } else { names };
        if least <= capacity
            && let Some(documents) = written(policy, narrowed, room, &form)
        {
            return Ok(documents);
        }
    }
    let (mut least, mut open) = (names, costs.into_iter());
    let mut found = loop {
        let mut most = 1 + form.given_up.len() / 2;
        if open.len() == 0 {
            return Err("what stays does not fit into the quota, however it is written");
        }
        while (most > 0 || least / 2 > capacity)
            && let Some((cost, service)) = open.next()
        {
            least = least.saturating_sub(cost);
            most = most.saturating_sub(1);
            form.given_up.insert(service);
        }
        if least / 2 <= capacity
            && let Some(documents) = written(policy, narrowed, room, &form)
        {
            break documents;
        }
    };
    take_back(policy, narrowed, room, &mut form, &order, &mut found);
    Ok(found)
}

/// The documents in one form, if they fit.
fn written(policy: &Policy, narrowed: &[Narrowed], room: Room, form: &Form) -> Option<Documents> {
    let mut documents = packed(policy, &pieces(policy, narrowed, form), room)?;
    documents.is_shortened = *form != Form::default();
    Some(documents)
}

/// Writes by names again what fits, the services that rule over others and those with the least to write first: what is given up is as
/// little as can be, and minimizing the result finds nothing more.
fn take_back(
    policy: &Policy,
    narrowed: &[Narrowed],
    room: Room,
    form: &mut Form,
    order: &[&'static str],
    found: &mut Documents,
) {
    let size = |documents: &Documents| -> usize {
        let texts = documents.texts.iter();
        texts.map(|text| DocumentSize::of(text).characters).sum()
    };
    let capacity = room.characters.saturating_mul(room.documents);
    let growth = growth(policy, narrowed, form);
    let growth = |service: &str| growth.get(service).copied().unwrap_or_default();
    // All that should fit at once, and then what is left one by one: each trial writes all lists.
    let mut slack = capacity.saturating_sub(size(found));
    let mut chosen = Vec::new();
    for service in order
        .iter()
        .rev()
        .filter(|own| form.given_up.contains(*own))
    {
        if growth(service) <= slack {
            slack -= growth(service);
            chosen.push(*service);
        }
    }
    let mut smaller = form.clone();
    smaller.given_up.retain(|own| !chosen.contains(own));
    if let Some(documents) = written(policy, narrowed, room, &smaller) {
        (*form, *found) = (smaller, documents);
    }
    for service in order.iter().rev() {
        let is_too_long = size(found).saturating_add(growth(service)) > capacity;
        if is_too_long || !form.given_up.remove(service) {
            continue;
        }
        match written(policy, narrowed, room, form) {
            Some(documents) => *found = documents,
            None => _ = form.given_up.insert(service),
        }
    }
}

/// How many characters longer the lists are, at least, where a service that is given up is written by names.
fn growth(policy: &Policy, narrowed: &[Narrowed], form: &Form) -> BTreeMap<&'static str, usize> {
    let mut growth: BTreeMap<&'static str, usize> = BTreeMap::new();
    let length = |statement: &Statement, part: &Part, form: &Form| -> usize {
        let entries = list::entries(statement, part, form);
        entries.iter().map(|own| own.chars().count() + 3).sum()
    };
    for (statement, narrowed) in policy.statements.iter().zip(narrowed) {
        let Narrowed::Parts(parts) = narrowed else {
            continue;
        };
        for part in parts {
            for service in services(&part.actions) {
                if !form.given_up.contains(service) {
                    continue;
                }
                let own = Part {
                    actions: actions_in(&part.actions, service)
                        .iter()
                        .map(|own| own.id())
                        .collect(),
                    named: Vec::new(),
                    ..part.clone()
                };
                let names = Form {
                    puts_together: true,
                    ..Form::default()
                };
                let more =
                    length(statement, &own, &names).saturating_sub(length(statement, &own, form));
                *growth.entry(service).or_default() += more;
            }
        }
    }
    growth
}

fn is_ruling(service: &str) -> bool {
    [
        "iam",
        "kms",
        "organizations",
        "secretsmanager",
        "sso",
        "sts",
    ]
    .contains(&service)
}

fn pieces(policy: &Policy, narrowed: &[Narrowed], form: &Form) -> Vec<Piece> {
    let mut taken: HashSet<String> = policy
        .statements
        .iter()
        .filter_map(|own| own.sid.as_ref())
        .map(|sid| sid.to_ascii_lowercase())
        .collect();
    let mut pieces = Vec::new();
    for (index, (statement, narrowed)) in policy.statements.iter().zip(narrowed).enumerate() {
        let parts = match narrowed {
            Narrowed::Keep => {
                pieces.push(Piece::Kept(index));
                continue;
            }
            Narrowed::Parts(parts) => parts,
        };
        let mut is_first = true;
        for part in parts {
            for entries in cut(list::entries(statement, part, form)) {
                let mut new = replaced(policy, statement, &entries, part);
                if let Some(sid) = &mut new.sid
                    && !is_first
                {
                    sid.value = free_sid(sid, &mut taken);
                }
                is_first = false;
                pieces.push(Piece::New(index, Box::new(new)));
            }
        }
    }
    pieces
}

/// Lists that each fit into a document.
fn cut(entries: Vec<String>) -> Vec<Vec<String>> {
    let mut lists: Vec<Vec<String>> = vec![Vec::new()];
    let mut length = 0;
    for entry in entries {
        length += entry.chars().count() + 3;
        if length > MOST_OF_A_LIST {
            length = entry.chars().count() + 3;
            lists.push(Vec::new());
        }
        if let Some(last) = lists.last_mut() {
            last.push(entry);
        }
    }
    lists.retain(|list| !list.is_empty());
    lists
}

fn free_sid(sid: &str, taken: &mut HashSet<String>) -> Box<str> {
    let free = (2_u32..)
        .map(|number| format!("{sid}{number}"))
        .find(|name| !taken.contains(&name.to_ascii_lowercase()))
        .unwrap_or_default();
    taken.insert(free.to_ascii_lowercase());
    free.into()
}

fn replaced(policy: &Policy, statement: &Statement, entries: &[String], part: &Part) -> Statement {
    let mut new = statement.clone();
    new.action = Element {
        is_negated: false,
        entries: entries
            .iter()
            .map(|text| unplaced(ActionPattern::parse(text)))
            .collect(),
    };
    if let Some(resources) = &part.resources {
        new.resource = Some(Element {
            is_negated: false,
            entries: resources
                .iter()
                .map(|text| unplaced(ResourcePattern::parse(text, policy.version)))
                .collect(),
        });
    }
    new
}

fn unplaced<T>(value: T) -> Spanned<T> {
    Spanned {
        value,
        span: Span::default(),
    }
}

impl Piece {
    fn index(&self) -> usize {
        match self {
            Self::Kept(index) | Self::New(index, _) => *index,
        }
    }

    fn size(&self, policy: &Policy) -> usize {
        let size = match self {
            Self::Kept(index) => {
                let statement = policy.statements.get(*index);
                DocumentSize::of(statement.map_or("", |own| policy.statement_text(own)))
            }
            Self::New(_, new) => DocumentSize::of(&new.print(leastgrant_policy::Layout::COMPACT)),
        };
        size.characters + 1
    }
}

/// Puts the pieces into documents, in order; none if that takes more than there is room for.
fn packed(policy: &Policy, pieces: &[Piece], room: Room) -> Option<Documents> {
    let mut documents: Vec<&[Piece]> = Vec::new();
    let whole: usize = pieces.iter().map(|piece| piece.size(policy)).sum();
    if whole + AROUND <= room.characters || pieces.is_empty() {
        documents.push(pieces);
    } else {
        let (mut start, mut size) = (0, AROUND);
        for (place, piece) in pieces.iter().enumerate() {
            let own = piece.size(policy);
            if size + own > room.characters && place > start {
                documents.push(pieces.get(start..place)?);
                (start, size) = (place, AROUND);
            }
            size += own;
        }
        documents.push(pieces.get(start..)?);
    }
    let mut made = Documents::default();
    for pieces in documents {
        let text = document(policy, pieces);
        let Some(text) = text else {
            continue;
        };
        if DocumentSize::of(&text).characters > room.characters {
            return None;
        }
        let document = made.texts.len();
        let own = pieces.iter().enumerate();
        made.refinements
            .extend(own.map(|(statement, piece)| (document, statement, piece.index())));
        made.texts.push(text);
    }
    (made.texts.len() <= room.documents).then_some(made)
}

fn document(policy: &Policy, pieces: &[Piece]) -> Option<String> {
    let edited = policy.edit(|index, _| {
        let mut own = pieces
            .iter()
            .filter(|piece| piece.index() == index)
            .peekable();
        if matches!(own.peek(), Some(Piece::Kept(_))) {
            return StatementEdit::Keep;
        }
        StatementEdit::Replace(
            own.filter_map(|piece| match piece {
                Piece::New(_, new) => Some((**new).clone()),
                Piece::Kept(_) => None,
            })
            .collect(),
        )
    });
    match edited {
        Edited::Document(text) => Some(text),
        Edited::NoStatementLeft => None,
    }
}
