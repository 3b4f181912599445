//! From an inventory to smaller policies with their proof.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use leastgrant_access::{Access, Subject, SubjectId, SubjectKind};
use leastgrant_catalog::ActionSet;
use leastgrant_evidence::{Evidence, Window};
use leastgrant_inventory::{Error, Inventory, Timestamp};
use leastgrant_policy::{DocumentSize, Effect, Policy, Statement};
use rayon::prelude::*;
use wildmatch::WildMatch;

use crate::certify::certified;
use crate::confidence::Confidence;
use crate::explain;
use crate::fit::Documents;
use crate::last_accessed::LastAccessed;
use crate::metrics::{Sizes, metrics};
use crate::narrow::{Granted, Narrowed, held, narrow};
use crate::needs::{Needs, Sources};
use crate::outcome::{Outcome, PolicyOutcome, PrincipalOutcome, Status};
use crate::removed::{Removed, removed};
use crate::replay::{Replay, replay};
use crate::settings::Settings;
use crate::settle::fitted;
use crate::skipped;
use crate::tables::Tables;
use crate::unit::{SourceKind, Unit, Units};
use crate::usage::Usage;

mod suggestions;

/// What is asked of the minimiser.
#[derive(Debug, Clone)]
pub struct Options {
    /// Only principals whose ARN matches one of these; all where there are none.
    pub principals: Vec<WildMatch>,
    /// The chance, of 1, that a right that was used before the window is needed within 30 days after it, and that is put up with.
    /// 0 keeps all of them.
    pub max_risk: f64,
    /// The time that the settings' days are compared with.
    pub as_of: Timestamp,
}

/// Makes the policies of an inventory smaller.
///
/// # Errors
/// A table of the inventory that cannot be read.
pub fn minimize(
    inventory: &Inventory,
    settings: &Settings,
    options: &Options,
) -> Result<Outcome, Error> {
    let access = Access::load(inventory)?;
    let evidence = Evidence::load(inventory, leastgrant_evidence::Options::default())?;
    let usage = Usage::load(inventory)?;
    let last_accessed = LastAccessed::load(inventory)?;
    let tables = Tables::load(inventory)?;
    let units = Units::of(&access, &tables);
    let sources = Sources {
        evidence: &evidence,
        last_accessed: &last_accessed,
        settings,
        as_of: options.as_of,
        max_risk: options.max_risk,
    };
    Ok(Minimizer {
        access: &access,
        usage: &usage,
        tables: &tables,
        units: &units,
        sources: &sources,
        options,
    }
    .run())
}

struct Minimizer<'a> {
    access: &'a Access,
    usage: &'a Usage,
    tables: &'a Tables,
    units: &'a Units<'a>,
    sources: &'a Sources<'a>,
    options: &'a Options,
}

/// A policy's new documents, read back.
#[derive(Debug, Default)]
struct Made {
    documents: Documents,
    policies: Vec<Policy>,
    removed: Vec<Removed>,
    note: Option<String>,
    /// Whether the document is already what the quota leaves of it.
    is_settled: bool,
}

type AllNeeds<'a> = HashMap<SubjectId, Needs<'a>>;

impl<'a> Minimizer<'a> {
    fn run(&self) -> Outcome {
        let subjects: Vec<(SubjectId, &'a Subject)> = self
            .access
            .principals()
            .filter(|(_, subject)| subject.kind != SubjectKind::Root)
            .collect();
        let selected = subjects.iter().filter(|(_, own)| self.is_selected(own));
        let judged = self.units.related(selected.map(|(id, _)| *id));
        let needs: AllNeeds<'a> = subjects
            .par_iter()
            .filter(|(id, _)| judged.contains(id))
            .map(|(id, subject)| (*id, self.needs(*id, subject)))
            .collect();
        let mut made = self.made(&needs);
        let selected: Vec<(SubjectId, &Subject)> = subjects
            .into_iter()
            .filter(|(_, subject)| self.is_selected(subject))
            .collect();
        let replays = self.replays(&needs, &mut made);
        let principals = selected
            .par_iter()
            .filter_map(|(id, subject)| {
                let needs = needs.get(id)?;
                Some(self.principal(*id, subject, needs, &made, replays.get(id)?))
            })
            .collect();
        let policies = self.policies(&made);
        Outcome {
            window: window(&needs),
            suggestions: self.suggestions(&needs, &made, &policies),
            policies,
            principals,
        }
    }

    fn is_selected(&self, subject: &Subject) -> bool {
        let mut patterns = self.options.principals.iter();
        self.options.principals.is_empty() || patterns.any(|own| own.matches(&subject.arn))
    }

    fn units_of(&self, id: SubjectId) -> impl Iterator<Item = (usize, &'a Unit<'a>)> {
        let numbers = self.units.of_principal.get(&id).into_iter().flatten();
        numbers.filter_map(|number| Some((*number, self.units.all.get(*number)?)))
    }

    fn needs(&self, id: SubjectId, subject: &'a Subject) -> Needs<'a> {
        let units = self.units_of(id).map(|(_, unit)| unit.document);
        let by_statement: Vec<(&Statement, ActionSet)> = units
            .flat_map(allows)
            .map(|allow| (allow, Granted::of(allow).all))
            .collect();
        let mut granted = ActionSet::new();
        for (_, own) in &by_statement {
            granted.union_with(own);
        }
        let uses = self.usage.of(&subject.arn);
        let mut needs = Needs::of(&subject.arn, granted, uses, self.sources);
        needs.held = by_statement
            .iter()
            .flat_map(|(allow, own)| held(allow, own, &needs, self.sources.settings))
            .collect();
        if let Some(reason) = skipped::why(subject, needs.window, self.sources, self.tables) {
            needs.put_untouchable(reason);
        }
        needs
    }

    /// New documents by unit, for those units that get some.
    fn made(&self, needs: &AllNeeds<'a>) -> BTreeMap<usize, Made> {
        let mut by_owner: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
        for (number, unit) in self.units.all.iter().enumerate() {
            let source = &unit.source;
            // Inline policies of one owner share a quota; each of the others has its own.
            let apart = match source.kind {
                SourceKind::Inline => "",
                _ => source.name.as_str(),
            };
            by_owner
                .entry((&source.owner, apart))
                .or_default()
                .push(number);
        }
        let groups: Vec<Vec<usize>> = by_owner.into_values().collect();
        groups
            .par_iter()
            .flat_map_iter(|group| self.made_of_owner(group, needs))
            .collect()
    }

    fn made_of_owner(&self, group: &[usize], needs: &AllNeeds<'a>) -> Vec<(usize, Made)> {
        let unit = |number: &usize| self.units.all.get(*number);
        let size = |text: &str| DocumentSize::of(text).characters;
        let mut others: usize = group
            .iter()
            .filter_map(unit)
            .map(|unit| size(unit.document.text()))
            .sum();
        let mut all = Vec::new();
        for number in group {
            let Some(unit) = unit(number) else {
                continue;
            };
            others = others.saturating_sub(size(unit.document.text()));
            let made = self.made_of_unit(unit, others, needs);
            let own: usize = match &made {
                Some(made) if !made.policies.is_empty() || made.note.is_none() => {
                    made.documents.texts.iter().map(|text| size(text)).sum()
                }
                _ => size(unit.document.text()),
            };
            others = others.saturating_add(own);
            all.extend(made.map(|made| (*number, made)));
        }
        all
    }

    /// `None`: it stays as it is.
    fn made_of_unit(&self, unit: &Unit<'_>, others: usize, needs: &AllNeeds<'a>) -> Option<Made> {
        let members: Vec<&Needs<'_>> = unit.members.iter().filter_map(|id| needs.get(id)).collect();
        let (skipped, judged): (Vec<&Needs<'_>>, Vec<&Needs<'_>>) = members
            .into_iter()
            .partition(|own| own.untouchable.is_some());
        let narrowed: Vec<Narrowed> = narrowed(unit.document, &judged, self.sources.settings);
        if judged.is_empty() || narrowed.iter().all(|own| *own == Narrowed::Keep) {
            return None;
        }
        let kept = |note: String| Some(stays(unit, note));
        if let Some(reason) = &unit.untouchable {
            return kept(reason.clone());
        }
        if let Some(first) = skipped.first() {
            return kept(format!(
                "`{}` has it too, which is skipped: {}",
                first.principal_arn,
                first.untouchable.as_deref().unwrap_or_default()
            ));
        }
        let window = judged.iter().find_map(|own| own.window);
        if let Some(window) = window
            && let Some(reason) = skipped::grown(unit, window, self.sources, self.tables)
        {
            return kept(reason);
        }
        match self.made_for(unit, &narrowed, &judged, others) {
            Ok(made) => Some(made),
            Err(reason) => kept(reason),
        }
    }

    /// New documents, with the proof that they grant nothing new.
    fn made_for(
        &self,
        unit: &Unit<'_>,
        narrowed: &[Narrowed],
        members: &[&Needs<'_>],
        others: usize,
    ) -> Result<Made, String> {
        let room = unit.room(others, self.most_attached(unit));
        let again = |own: &Policy| self::narrowed(own, members, self.sources.settings);
        let mut documents = fitted(unit.document, narrowed, room, again)?;
        let policies = certified(unit.document, &mut documents)?;
        if policies.as_slice() == std::slice::from_ref(unit.document) {
            let note = "names of what stays do not fit into the quota, so that nothing more can go";
            return Ok(Made {
                is_settled: true,
                ..stays(unit, note.to_owned())
            });
        }
        Ok(Made {
            note: documents
                .is_shortened
                .then(|| "written shorter than by names, to fit into the quota".to_owned()),
            removed: removed(unit.document, narrowed, members),
            documents,
            policies,
            is_settled: false,
        })
    }

    /// The most managed policies that any of the owners has.
    fn most_attached(&self, unit: &Unit<'_>) -> usize {
        let counts = unit.attached_to.iter().map(|owner| {
            let has = |other: &&Unit<'_>| {
                other.source.kind != SourceKind::Inline && other.attached_to.contains(owner)
            };
            let members = unit.members.iter().flat_map(|id| self.units_of(*id));
            let own: BTreeSet<usize> = members
                .filter(|(_, other)| has(other))
                .map(|(number, _)| number)
                .collect();
            own.len()
        });
        counts.max().unwrap_or_default()
    }

    /// Replays what was observed; policies of whom something would be denied stay as they are.
    fn replays(
        &self,
        needs: &AllNeeds<'a>,
        made: &mut BTreeMap<usize, Made>,
    ) -> HashMap<SubjectId, Replay> {
        let ids: Vec<SubjectId> = self.access.principals().map(|(id, _)| id).collect();
        let all = |made: &BTreeMap<usize, Made>| -> HashMap<SubjectId, Replay> {
            ids.par_iter()
                .filter_map(|id| Some((*id, self.replay(*id, needs.get(id)?, made)?)))
                .collect()
        };
        let replays = all(made);
        if replays.values().all(|replay| replay.broken.is_empty()) {
            return replays;
        }
        // In the order of principals, so that the note of a shared policy is always the same one's.
        for id in &ids {
            let Some(replay) = replays.get(id) else {
                continue;
            };
            let Some((action, resource)) = replay.broken.first() else {
                continue;
            };
            for (number, unit) in self.units_of(*id) {
                if made.contains_key(&number) {
                    let note = format!(
                        "no certificate: `{action}` on `{resource}` was observed and would be denied"
                    );
                    made.insert(number, stays(unit, note));
                }
            }
        }
        all(made)
    }

    fn replay(
        &self,
        id: SubjectId,
        needs: &Needs<'_>,
        made: &BTreeMap<usize, Made>,
    ) -> Option<Replay> {
        let subject = self.access.subject(id)?;
        Some(replay(
            self.access,
            subject,
            needs.uses,
            &self.new_policies(id, made),
        ))
    }

    fn new_policies<'m>(&self, id: SubjectId, made: &'m BTreeMap<usize, Made>) -> Vec<&'m Policy>
    where
        'a: 'm,
    {
        let mut policies = Vec::new();
        for (number, unit) in self.units_of(id) {
            match made.get(&number) {
                Some(made) => policies.extend(&made.policies),
                None => policies.push(unit.document),
            }
        }
        policies
    }

    fn principal(
        &self,
        id: SubjectId,
        subject: &Subject,
        needs: &Needs<'_>,
        made: &BTreeMap<usize, Made>,
        replay: &Replay,
    ) -> PrincipalOutcome {
        let mut policies: Vec<usize> = self.units_of(id).map(|(number, _)| number).collect();
        policies.sort_unstable();
        policies.dedup();
        let own = || policies.iter().filter_map(|number| made.get(number));
        let is_changed =
            |made: &Made| made.documents.refinements != KEPT || made.documents.texts.is_empty();
        let is_minimized = own().any(is_changed);
        let is_left = own().any(|made| made.note.is_some() && !made.is_settled);
        let note = own().find_map(|made| made.note.clone());
        let (status, reason) = match (&needs.untouchable, is_minimized) {
            (Some(reason), _) => (Status::Skipped, Some(reason.clone())),
            (None, true) => (Status::Minimized, note),
            (None, false) if is_left => (Status::Skipped, note),
            (None, false) if note.is_some() => (Status::Unchanged, note),
            (None, false) if policies.is_empty() => (
                Status::Unchanged,
                Some("it has no policies that could be read".to_owned()),
            ),
            (None, false) => (
                Status::Unchanged,
                Some("nothing of what it has can be told to be unused".to_owned()),
            ),
        };
        let old: Vec<&Policy> = self.units_of(id).map(|(_, unit)| unit.document).collect();
        let new = self.new_policies(id, made);
        PrincipalOutcome {
            arn: subject.arn.to_string(),
            account_id: subject.account_id.to_string(),
            kind: subject.kind,
            name: subject.name.to_string(),
            status,
            reason,
            policies,
            actions: explain::rows(needs, self.sources.evidence),
            observed: replay.clone(),
            metrics: metrics(
                self.access,
                subject,
                &Sizes {
                    old: &old,
                    new: &new,
                },
            ),
            confidence: needs
                .window
                .map(|window| Confidence::of(window, needs.uses)),
        }
    }

    fn policies(&self, made: &BTreeMap<usize, Made>) -> Vec<PolicyOutcome> {
        let units = self.units.all.iter().enumerate();
        units
            .map(|(number, unit)| {
                let old = unit.document.text().to_owned();
                let made = made.get(&number);
                let new = match made {
                    Some(made) => made.documents.texts.clone(),
                    None => vec![old.clone()],
                };
                let is_changed = new.as_slice() != std::slice::from_ref(&old);
                PolicyOutcome {
                    source: unit.source.clone(),
                    attached_to: unit.attached_to.iter().cloned().collect(),
                    refinements: match (is_changed, made) {
                        (true, Some(made)) => made.documents.refinements.clone(),
                        _ => Vec::new(),
                    },
                    is_changed,
                    removed: made.map_or_else(Vec::new, |made| made.removed.clone()),
                    note: made.and_then(|made| made.note.clone()),
                    old,
                    new,
                }
            })
            .collect()
    }
}

/// The refinements of a document that stays: none need be named.
const KEPT: [(usize, usize, usize); 0] = [];

/// The document as it is, with why.
fn stays(unit: &Unit<'_>, note: String) -> Made {
    Made {
        documents: Documents {
            texts: vec![unit.document.text().to_owned()],
            ..Documents::default()
        },
        policies: vec![unit.document.clone()],
        note: Some(note),
        ..Made::default()
    }
}

fn narrowed(document: &Policy, members: &[&Needs<'_>], settings: &Settings) -> Vec<Narrowed> {
    let statements = document.statements.iter();
    statements
        .map(|own| narrow(own, document.version, members, settings))
        .collect()
}

fn allows(policy: &Policy) -> impl Iterator<Item = &Statement> {
    let statements = policy.statements.iter();
    statements.filter(|own| own.effect == Effect::Allow)
}

fn window(needs: &AllNeeds<'_>) -> Option<Window> {
    let windows: Vec<Window> = needs.values().filter_map(|own| own.window).collect();
    Some(Window {
        from: windows.iter().map(|own| own.from).min()?,
        to: windows.iter().map(|own| own.to).max()?,
    })
}
