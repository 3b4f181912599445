//! The tables of our own: `data/*.tsv`. Their lines that begin with `#` name the columns and the sources of rows.

use std::sync::OnceLock;

/// The services of events, and the prefix of the actions where it is another.
const SOURCES: &str = include_str!("../../data/event-sources.tsv");
/// Events whose actions are called otherwise, or that need several or none.
const ACTIONS: &str = include_str!("../../data/event-actions.tsv");
/// Parameters that name a role which the call passes to a service.
const ROLES: &str = include_str!("../../data/event-roles.tsv");
/// Parameters that name resources, where the packed catalogue does not say it or says it wrongly.
const RESOURCES: &str = include_str!("../../data/event-resources.tsv");

/// All of them, for those who check them.
#[cfg(test)]
pub(super) const ALL: [(&str, &str, usize); 4] = [
    ("event-sources.tsv", SOURCES, 3),
    ("event-actions.tsv", ACTIONS, 5),
    ("event-roles.tsv", ROLES, 4),
    ("event-resources.tsv", RESOURCES, 7),
];

/// A row of `event-actions.tsv`.
pub(super) struct ActionRow {
    pub(super) service: &'static str,
    /// A name, or the beginning of names before a `*`.
    pub(super) event: &'static str,
    pub(super) when: &'static str,
    /// The action; `-` for none.
    pub(super) action: &'static str,
}

/// A row of `event-roles.tsv`.
pub(super) struct RoleRow {
    pub(super) event: &'static str,
    /// How the role is named; see [`super::role`].
    pub(super) role: &'static str,
}

/// A row of `event-resources.tsv`.
pub(super) struct ResourceRow {
    /// Names separated by `|`, each perhaps with `>Action` behind it; or `*` for all.
    pub(super) events: &'static str,
    pub(super) resource_type: &'static str,
    /// A variable of the type's ARN format, or `*` for the whole ARN.
    pub(super) variable: &'static str,
    pub(super) reading: &'static str,
    /// Paths separated by `|`, then perhaps `?default` and `&condition`.
    pub(super) parameters: &'static str,
}

/// The cells of a table, taken apart once.
type Cells<const COUNT: usize> = OnceLock<Vec<[&'static str; COUNT]>>;

/// The rows of a table, which are sorted by their second cell: those of one service or host, or all.
fn rows<const COUNT: usize>(
    table: &'static str,
    cells: &'static Cells<COUNT>,
    service: Option<&str>,
) -> &'static [[&'static str; COUNT]] {
    let rows = cells.get_or_init(|| {
        let lines = table.lines().filter(|line| !line.starts_with('#'));
        let taken_apart = lines.filter_map(|line| {
            let mut cells = line.split('\t');
            let mut row = [""; COUNT];
            for cell in &mut row {
                *cell = cells.next()?;
            }
            Some(row)
        });
        taken_apart.collect()
    });
    let Some(service) = service else {
        return rows;
    };
    let second = |row: &[&'static str; COUNT]| row.get(1).copied().unwrap_or_default();
    let start = rows.partition_point(|row| second(row) < service);
    let end = rows.partition_point(|row| second(row) <= service);
    rows.get(start..end).unwrap_or_default()
}

/// Hosts of events and prefixes of actions.
pub(super) fn sources(
    host: Option<&str>,
) -> impl Iterator<Item = (&'static str, &'static str)> + use<> {
    static CELLS: Cells<3> = OnceLock::new();
    let rows = rows(SOURCES, &CELLS, host).iter();
    rows.map(|[_, host, prefix]| (*host, *prefix))
}

pub(super) fn actions(service: Option<&str>) -> impl Iterator<Item = ActionRow> + use<> {
    static CELLS: Cells<5> = OnceLock::new();
    let rows = rows(ACTIONS, &CELLS, service).iter();
    rows.map(|[_, service, event, when, action]| ActionRow {
        service,
        event,
        when,
        action,
    })
}

pub(super) fn roles(service: Option<&str>) -> impl Iterator<Item = RoleRow> + use<> {
    static CELLS: Cells<4> = OnceLock::new();
    let rows = rows(ROLES, &CELLS, service).iter();
    rows.map(|[_, _, event, role]| RoleRow { event, role })
}

pub(super) fn resources(service: Option<&str>) -> impl Iterator<Item = ResourceRow> + use<> {
    static CELLS: Cells<7> = OnceLock::new();
    let rows = rows(RESOURCES, &CELLS, service).iter();
    rows.map(
        |[_, _, events, resource_type, variable, reading, parameters]| ResourceRow {
            events,
            resource_type,
            variable,
            reading,
            parameters,
        },
    )
}

impl ActionRow {
    pub(super) fn is_of(&self, service: &str, event: &str) -> bool {
        self.service == service
            && match self.event.strip_suffix('*') {
                Some(beginning) => event
                    .get(..beginning.len())
                    .is_some_and(|own| own.eq_ignore_ascii_case(beginning)),
                None => self.event.eq_ignore_ascii_case(event),
            }
    }
}

impl ResourceRow {
    /// How exactly the row is of this event and action: 2 for its name, 1 for all events, 0 for none.
    pub(super) fn rank(&self, event: &str, action: &str) -> usize {
        if self.events == "*" {
            return 1;
        }
        let is_of = |own: &str| {
            let (own, of_action) = own.split_once('>').unwrap_or((own, action));
            own.eq_ignore_ascii_case(event) && of_action == action
        };
        if self.events.split('|').any(is_of) {
            2
        } else {
            0
        }
    }
}
