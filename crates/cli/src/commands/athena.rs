//! `athena`: the SQL of tables and questions, ready to paste.

use anyhow::bail;
use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;
use leastgrant_trail::athena::{
    AccountId, OrganizationId, PartitionColumns, PrincipalArn, Query, RegionName, Scope,
    TableDefinition, TableName, Trail, TrailLocation,
};

use super::collect::now;
use super::usage::window;
use crate::arguments::GlobalArguments;
use crate::exit::Outcome;
use crate::printer::Printer;

/// Print the SQL for CloudTrail's logs in Athena, ready to paste
#[derive(Debug, Args)]
pub(crate) struct AthenaArguments {
    #[command(subcommand)]
    command: AthenaCommand,
}

#[derive(Debug, Subcommand)]
enum AthenaCommand {
    /// Print the statement that makes a table of a trail's logs, with projected partitions
    ///
    /// The table is what `leastgrant usage --athena` expects: AWS's columns of CloudTrail's logs, and partitions `region`, `day`
    /// and, for an organization, `account`. Nothing is asked or changed.
    Ddl(DdlArguments),
    /// Print a question with its partitions and times filled in
    ///
    /// `usage` is what `leastgrant usage --athena` runs. Nothing is asked.
    Sql(SqlArguments),
}

#[derive(Debug, Args)]
struct DdlArguments {
    /// Where the trail delivers to: the bucket, with the trail's prefix if it has one
    #[arg(long, value_name = "S3_URI")]
    location: TrailLocation,
    /// The table to make
    #[arg(long, value_name = "DB.TABLE", default_value = "default.cloudtrail")]
    table: TableName,
    /// The organization, if the trail is an organization's
    #[arg(long, value_name = "ID")]
    organization: Option<OrganizationId>,
    /// The account; of an organization those that the table has [default: each query names its own]
    #[arg(long, value_name = "ACCOUNT", num_args = 1.., value_delimiter = ',', required_unless_present = "organization")]
    accounts: Vec<AccountId>,
    /// The Regions to look in [default: all but those of China and of the government]
    #[arg(long, value_name = "REGION", num_args = 1.., value_delimiter = ',')]
    regions: Vec<RegionName>,
    /// The first day that there are logs of [default: three years ago, whenever a query is run]
    #[arg(long, value_name = "DATE")]
    since: Option<Date>,
}

#[derive(Debug, Args)]
struct SqlArguments {
    /// The question
    #[arg(value_enum, value_name = "NAME")]
    name: Name,
    /// The table to ask
    #[arg(long, value_name = "DB.TABLE", default_value = "default.cloudtrail")]
    table: TableName,
    /// Leave out events before this: a date, a time, or a number of days back
    #[arg(long, value_name = "WHEN", default_value = "90d")]
    since: String,
    /// Leave out events from this on
    #[arg(long, value_name = "WHEN")]
    until: Option<String>,
    /// The column that the table has for `region`, `day` or `account`, where it is called otherwise
    #[arg(long, value_name = "NAME=COLUMN")]
    partition: Vec<String>,
    /// Read only the partitions of these accounts
    #[arg(long, value_name = "ACCOUNT", num_args = 1.., value_delimiter = ',')]
    accounts: Vec<AccountId>,
    /// Read only the partitions of these Regions
    #[arg(long, value_name = "REGION", num_args = 1.., value_delimiter = ',')]
    regions: Vec<RegionName>,
    /// The user, role or session that `principal-history` is about
    #[arg(long, value_name = "ARN", required_if_eq("name", "principal-history"))]
    principal: Option<PrincipalArn>,
}

/// A question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Name {
    /// Who used which permission on what.
    Usage,
    /// The same, with the ids of all events in place of counts.
    UsageEvents,
    /// Where each long-term access key was used from.
    KeyOrigin,
    /// Calls that were refused.
    Denied,
    /// What one user or role did, day by day.
    PrincipalHistory,
}

pub(super) fn run(
    arguments: &AthenaArguments,
    global: &GlobalArguments,
    printer: &Printer,
) -> anyhow::Result<Outcome> {
    let sql = match &arguments.command {
        AthenaCommand::Ddl(arguments) => definition(arguments)?.sql(),
        AthenaCommand::Sql(arguments) => {
            let from = global.as_of.unwrap_or_else(now);
            let window = window(
                Some(&arguments.since),
                arguments.until.as_deref(),
                from,
                false,
            )?;
            let scope = Scope {
                table: arguments.table.clone(),
                columns: PartitionColumns::of(arguments.partition.iter().map(String::as_str))?,
                accounts: arguments.accounts.clone(),
                regions: arguments.regions.clone(),
                window,
            };
            query(arguments)?.sql(&scope)
        }
    };
    printer.data(&sql)?;
    Ok(Outcome::Done)
}

fn definition(arguments: &DdlArguments) -> anyhow::Result<TableDefinition> {
    let trail = match (&arguments.organization, &*arguments.accounts) {
        (Some(id), accounts) => Trail::Organization {
            id: id.clone(),
            accounts: accounts.to_vec(),
        },
        (None, [account]) => Trail::Account(account.clone()),
        (None, _) => bail!(
            "a table of several accounts is an organization's: name that by `--organization`, or make one table for each account"
        ),
    };
    Ok(TableDefinition {
        table: arguments.table.clone(),
        location: arguments.location.clone(),
        trail,
        regions: arguments.regions.clone(),
        since: arguments.since,
    })
}

fn query(arguments: &SqlArguments) -> anyhow::Result<Query> {
    Ok(match (arguments.name, &arguments.principal) {
        (Name::PrincipalHistory, Some(principal)) => Query::PrincipalHistory(principal.clone()),
        (Name::PrincipalHistory, None) => bail!("`principal-history` needs `--principal ARN`"),
        (_, Some(principal)) => bail!(
            "`--principal {}` is for `principal-history` only",
            principal.text()
        ),
        (Name::Usage, None) => Query::Usage,
        (Name::UsageEvents, None) => Query::UsageEvents,
        (Name::KeyOrigin, None) => Query::KeyOrigin,
        (Name::Denied, None) => Query::Denied,
    })
}
