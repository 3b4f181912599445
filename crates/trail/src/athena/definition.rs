//! Tables over a trail's logs: `CREATE EXTERNAL TABLE`, ready to paste.

use jiff::civil::Date;

use super::names::{AccountId, OrganizationId, RegionName, TableName, TrailLocation};
use super::sql::{fill, literal};

const ACCOUNT: &str = include_str!("../../../../queries/athena/table-account.sql");
const ORGANIZATION: &str = include_str!("../../../../queries/athena/table-organization.sql");

/// The Regions of the partition `aws` as of November 2026. AWS, "AWS Regions".
const REGIONS: &[&str] = &[
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

/// Whose logs a table has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trail {
    /// One account's.
    Account(AccountId),
    /// An organization's.
    Organization {
        /// Its id, which is in the paths of its logs.
        id: OrganizationId,
        /// Its accounts; none: each query names those that it reads.
        accounts: Vec<AccountId>,
    },
}

/// A table that is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableDefinition {
    /// Its name.
    pub table: TableName,
    /// The bucket, and the prefix if the trail has one: what stands before `AWSLogs`.
    pub location: TrailLocation,
    /// Whose logs these are.
    pub trail: Trail,
    /// The Regions to look in; none: all of AWS's but those of China and of the government.
    pub regions: Vec<RegionName>,
    /// The first day that there can be; none: three years ago, whenever a query is run.
    pub since: Option<Date>,
}

impl TableDefinition {
    /// The statement.
    #[must_use]
    pub fn sql(&self) -> String {
        let listed = |texts: Vec<&str>| literal(&texts.join(","));
        let regions = match &*self.regions {
            [] => REGIONS.to_vec(),
            regions => regions.iter().map(RegionName::text).collect(),
        };
        let range = match self.since {
            Some(day) => format!("{},NOW", day.strftime("%Y/%m/%d")),
            None => "NOW-3YEARS,NOW".to_owned(),
        };
        let base = format!("{}/AWSLogs", self.location.text());
        let (template, folder, partitions) = match &self.trail {
            Trail::Account(account) => (
                ACCOUNT,
                format!("{base}/{}", account.text()),
                "CloudTrail/${region}/${day}",
            ),
            Trail::Organization { id, .. } => (
                ORGANIZATION,
                format!("{base}/{}", id.text()),
                "${account}/CloudTrail/${region}/${day}",
            ),
        };
        let mut values = vec![
            ("table", self.table.in_definition()),
            ("location", literal(&format!("{folder}/"))),
            ("template", literal(&format!("{folder}/{partitions}"))),
            ("regions", listed(regions)),
            ("range", literal(&range)),
        ];
        if let Trail::Organization { accounts, .. } = &self.trail {
            let accounts: Vec<&str> = accounts.iter().map(AccountId::text).collect();
            let projection = if accounts.is_empty() {
                "'projection.account.type' = 'injected'".to_owned()
            } else {
                format!(
                    "'projection.account.type' = 'enum',\n    'projection.account.values' = {}",
                    listed(accounts)
                )
            };
            values.push(("account_projection", projection));
        }
        fill(template, &values)
    }
}
