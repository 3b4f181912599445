//! The packed file to a catalogue: the index at once, details when they are asked for.

use std::ops::Range;
use std::sync::OnceLock;

use crate::action::Row;
use crate::calls::Calls;
use crate::details::Details;
use crate::expand::beginning_key;
use crate::format::Parts;
use crate::level::AccessLevels;
use crate::{
    ActionDetails, ActionId, ActionInfo, Catalog, ConditionKey, Error, SdkService, Service, Source,
};

/// What stands for the details of an action that has none, which none is.
static NO_DETAILS: OnceLock<ActionDetails> = OnceLock::new();

/// An action's line before its service is at its final place.
struct ActionLine {
    levels: AccessLevels,
    name: &'static str,
    lower: &'static str,
    service: usize,
}

#[derive(Default)]
struct Reader {
    catalog: Catalog,
    services: Vec<Service>,
    actions: Vec<ActionLine>,
    details_length: usize,
}

impl Catalog {
    pub(crate) fn read(bytes: &'static [u8]) -> Result<Self, Error> {
        let parts = Parts::of(bytes)?;
        let index = parts.index()?;
        // There is one catalogue, and it lives as long as the process: what it hands out can be borrowed for ever.
        let lower: &'static str = index.to_ascii_lowercase().leak();
        let index: &'static str = index.leak();
        let mut reader = Reader {
            actions: Vec::with_capacity(memchr::memchr_iter(b'\n', index.as_bytes()).count()),
            ..Reader::default()
        };
        for (number, (line, lower)) in index.lines().zip(lower.lines()).enumerate() {
            reader.line(line, lower).ok_or(Error::Line(number + 1))?;
        }
        let mut catalog = reader.finished();
        catalog.parts = Some(parts);
        Ok(catalog)
    }

    pub(crate) fn actions_between(
        &self,
        numbers: &Range<usize>,
    ) -> impl ExactSizeIterator<Item = ActionInfo> + use<> {
        let start = numbers.start;
        let rows = self.actions.get(numbers.clone()).unwrap_or_default();
        rows.iter().enumerate().map(move |(place, row)| ActionInfo {
            id: ActionId::of_number(start + place),
            row,
        })
    }

    pub(crate) fn details_of(&'static self, action: ActionInfo) -> &'static ActionDetails {
        let service = action.service();
        let place = action.id.number().checked_sub(service.actions.start);
        place
            .and_then(|place| self.read_details(service).actions.get(place))
            .unwrap_or_else(|| NO_DETAILS.get_or_init(ActionDetails::default))
    }

    pub(crate) fn read_details(&'static self, service: &'static Service) -> &'static Details {
        service.details.get_or_init(|| {
            let text = self.details_text().get(service.place.clone());
            text.and_then(|text| Details::read(text, service.actions.len()))
                .unwrap_or_default()
        })
    }

    /// Which parameters of calls name resources. The first call unpacks them.
    pub(crate) fn calls(&self) -> &Calls {
        self.calls.get_or_init(|| {
            let text = self.parts.and_then(|parts| parts.calls().ok());
            Calls::of(text.unwrap_or_default().leak())
        })
    }

    fn details_text(&self) -> &'static str {
        self.details.get_or_init(|| {
            let text = self.parts.and_then(|parts| parts.details().ok());
            text.unwrap_or_default().leak()
        })
    }
}

impl Reader {
    /// Takes a line of the index, and the same in lower case.
    fn line(&mut self, line: &'static str, lower: &'static str) -> Option<()> {
        let (kind, rest) = line.split_once('\t')?;
        let mut members = rest.split('\t');
        let mut member = || members.next();
        match kind {
            "date" => self.catalog.version.date = rest,
            "source" => self.catalog.version.sources.push(Source {
                registry: member()?,
                name: member()?,
                version: member()?,
                licence: member()?,
                date: not_empty(member()?),
                gives: member()?,
            }),
            "counts" => {
                self.catalog.version.resource_types = member()?.parse().ok()?;
                self.catalog.version.condition_keys = member()?.parse().ok()?;
            }
            "key" => {
                let key = ConditionKey::read(member()?, member()?)?;
                self.catalog.global_condition_keys.push(key);
            }
            "sdk" => self.catalog.sdk_services.push(SdkService {
                name: member()?,
                service_id: member()?,
                endpoint_prefix: member()?,
                signing_name: member()?,
                prefix: not_empty(member()?),
            }),
            "service" => {
                let (prefix, name) = (member()?, member()?);
                let start = self.details_length;
                self.details_length += member()?.parse::<usize>().ok()?;
                self.services.push(Service {
                    prefix,
                    name,
                    actions: self.actions.len()..self.actions.len(),
                    place: start..self.details_length,
                    details: OnceLock::new(),
                });
            }
            initials => {
                self.actions.push(ActionLine {
                    levels: AccessLevels::of_initials(initials)?,
                    name: rest,
                    lower: lower.split_once('\t')?.1,
                    service: self.services.len().checked_sub(1)?,
                });
                self.services.last_mut()?.actions.end = self.actions.len();
            }
        }
        Some(())
    }

    fn finished(self) -> Catalog {
        let mut catalog = self.catalog;
        let services: &'static [Service] = self.services.leak();
        let rows = self.actions.iter().filter_map(|line| {
            Some(Row {
                name: line.name,
                lower: line.lower,
                levels: line.levels,
                service: services.get(line.service)?,
            })
        });
        catalog.beginnings = self
            .actions
            .iter()
            .map(|line| beginning_key(line.lower, 0))
            .collect();
        let mut actions = Vec::with_capacity(self.actions.len());
        actions.extend(rows);
        catalog.actions = actions.leak();
        catalog.services = services;
        catalog.version.services = services.len();
        catalog.version.actions = catalog.actions.len();
        catalog.version.global_condition_keys = catalog.global_condition_keys.len();
        catalog
    }
}

fn not_empty(text: &'static str) -> Option<&'static str> {
    (!text.is_empty()).then_some(text)
}
