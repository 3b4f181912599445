//! Each rule of the decision, on small inventories, and the decision against a slow twin.

mod rules;
mod twin;

use leastgrant_inventory::tables::{
    LastAccessedActionRow, LastAccessedServiceRow, TrailRow, UsageRow, UsageSourceRow, UserRow,
};
use leastgrant_inventory::{
    DataKind, Dataset, DatedBy, Days, Gap, Inventory, MANIFEST_SCHEMA, Manifest, Source, Timestamp,
};

use crate::{Evidence, Options, Verdict};

const ACCOUNT: &str = "111122223333";
const ANN: &str = "arn:aws:iam::111122223333:user/ann";
const BOB: &str = "arn:aws:iam::111122223333:user/bob";

fn time(day: i64) -> Timestamp {
    // 2026-01-01T12:00:00Z is day 0.
    Timestamp::from_second(1_767_268_800 + day * 86_400).unwrap()
}

/// The days from one on, before another.
fn days_between(first: i64, end: i64) -> Days {
    let first_of_all = crate::window::day(time(0));
    (first..end).map(|day| first_of_all + day).collect()
}

fn set_days(source: &mut UsageSourceRow, first: i64, last: i64) {
    (source.first_event, source.last_event) = (Some(time(first)), Some(time(last)));
    source.active_dates = days_between(first, last + 1);
    source.management_dates = source.active_dates.clone();
}

/// An inventory in the making: 100 days of logs in two Regions, with a trail of all management events.
#[derive(Debug, Clone)]
struct World {
    data: Dataset,
    sources: Vec<Source>,
    gaps: Vec<Gap>,
}

impl World {
    fn new() -> Self {
        let mut world = Self::without_trails();
        world.trail(|_| {});
        world
    }

    fn without_trails() -> Self {
        let source = |region: &str| UsageSourceRow {
            run: 1,
            engine: "logs".into(),
            account_id: ACCOUNT.into(),
            region: region.into(),
            first_event: Some(time(0)),
            last_event: Some(time(99)),
            active_dates: days_between(0, 100),
            management_dates: days_between(0, 100),
            ..UsageSourceRow::default()
        };
        let data = Dataset {
            usage_sources: vec![source("eu-west-1"), source("us-east-1")],
            ..Dataset::default()
        };
        Self {
            data,
            sources: Vec::new(),
            gaps: Vec::new(),
        }
    }

    /// Management events on these days only, in all Regions.
    fn days(&mut self, first: i64, last: i64) {
        for source in &mut self.data.usage_sources {
            set_days(source, first, last);
        }
    }

    /// Another account whose logs of the same time were read.
    fn read_account(&mut self, account: &str) {
        let mut source = self.data.usage_sources[0].clone();
        source.account_id = account.into();
        self.data.usage_sources.push(source);
    }

    /// The same call on every day.
    fn daily(&mut self, source: &str, name: &str, action: &str) -> &mut UsageRow {
        let row = self.call(BOB, source, name, Some(action));
        row.active_dates = days_between(0, 100);
        row
    }

    /// A user of the inventory.
    fn user(&mut self, arn: &str, made: Option<i64>) {
        self.data.users.push(UserRow {
            account_id: ACCOUNT.to_owned(),
            arn: arn.to_owned(),
            created_at: made.map(time),
            ..UserRow::default()
        });
    }

    fn trail(&mut self, change: impl FnOnce(&mut TrailRow)) {
        let mut trail = TrailRow {
            account_id: ACCOUNT.to_owned(),
            arn: format!(
                "arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/t{}",
                self.data.trails.len()
            ),
            is_multi_region: Some(true),
            include_global_service_events: Some(true),
            home_region: Some("eu-west-1".to_owned()),
            has_custom_event_selectors: Some(false),
            s3_bucket_name: Some("logs".to_owned()),
            ..TrailRow::default()
        };
        change(&mut trail);
        self.data.trails.push(trail);
        self.sources = vec![Source {
            account_id: Some(ACCOUNT.to_owned()),
            kind: DataKind::Trails,
            answers: 1,
            collected_at: time(100),
            earliest: time(100),
            dated_by: DatedBy::Source,
            complete: true,
        }];
    }

    fn selectors(text: &str) -> Self {
        let mut world = Self::without_trails();
        world.trail(|trail| trail.event_selectors = Some(text.to_owned()));
        world
    }

    fn call(
        &mut self,
        principal: &str,
        source: &str,
        name: &str,
        action: Option<&str>,
    ) -> &mut UsageRow {
        self.data.usage.push(UsageRow {
            account_id: ACCOUNT.into(),
            principal_arn: principal.into(),
            principal_type: "user".into(),
            event_source: format!("{source}.amazonaws.com").into(),
            event_name: name.into(),
            action: action.map(Into::into),
            region: "eu-west-1".into(),
            outcome: "allowed".into(),
            count: 3,
            first_seen: Some(time(5)),
            last_seen: Some(time(9)),
            active_days: 2,
            active_dates: [5, 9]
                .into_iter()
                .map(|day| crate::window::day(time(day)))
                .collect(),
            ..UsageRow::default()
        });
        self.data.usage.last_mut().unwrap()
    }

    fn accessed(&mut self, principal: &str, service: &str, day: i64) {
        self.data
            .last_accessed_services
            .push(LastAccessedServiceRow {
                account_id: ACCOUNT.into(),
                principal_arn: principal.into(),
                service_namespace: service.into(),
                last_authenticated_at: Some(time(day)),
                ..LastAccessedServiceRow::default()
            });
    }

    fn accessed_action(&mut self, principal: &str, service: &str, name: &str, day: i64) {
        self.data.last_accessed_actions.push(LastAccessedActionRow {
            account_id: ACCOUNT.into(),
            principal_arn: principal.into(),
            service_namespace: service.into(),
            action_name: name.into(),
            last_accessed_at: Some(time(day)),
            ..LastAccessedActionRow::default()
        });
    }

    fn gap(&mut self, account: Option<&str>, source: &str, kind: DataKind) {
        self.gaps.push(Gap {
            account_id: account.map(str::to_owned),
            source: source.to_owned(),
            reason: "cannot be read".to_owned(),
            error_code: None,
            unknowable: vec![kind],
        });
    }

    fn evidence(&self) -> Evidence {
        let folder = tempfile::tempdir().unwrap();
        let manifest = Manifest {
            schema: MANIFEST_SCHEMA.to_owned(),
            tool_version: String::new(),
            catalogue_version: None,
            accounts: vec![ACCOUNT.to_owned()],
            collected_at: None,
            arguments: Vec::new(),
            sources: self.sources.clone(),
            gaps: self.gaps.clone(),
            usage: Vec::new(),
            tables: Vec::new(),
        };
        leastgrant_inventory::write(folder.path(), self.data.clone(), manifest).unwrap();
        let inventory = Inventory::open(folder.path()).unwrap();
        Evidence::load(&inventory, Options::default()).unwrap()
    }

    /// The verdict in a word or two: `used`, `unused`, or the reasons' texts.
    fn says(&self, principal: &str, action: &str) -> String {
        match self.evidence().verdict(principal, action) {
            Verdict::Used(_) => "used".to_owned(),
            Verdict::Unused(_) => "unused".to_owned(),
            Verdict::Unknown(reasons) => {
                let reasons: Vec<String> = reasons.iter().map(ToString::to_string).collect();
                reasons.join("; ")
            }
        }
    }
}
