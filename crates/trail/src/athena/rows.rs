//! A result's rows to groups of records.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::json;

use super::csv::Line;
use crate::event_time::event_time;
use crate::{
    GroupCounting, JsonText, Record, RecordGroup, RecordId, RecordTold, Text, UsageCollector,
};

/// A result that is not what was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the result of the query cannot be used: {what}; run it again, and report it if that does not help"
)]
pub struct ResultError {
    /// What is wrong.
    pub what: String,
}

impl ResultError {
    pub(super) fn new(what: impl Into<String>) -> Self {
        Self { what: what.into() }
    }
}

/// Takes a result line by line, its header first.
#[derive(Debug)]
pub(super) struct ResultRows {
    pub(super) collector: UsageCollector,
    header: Option<Vec<String>>,
}

impl ResultRows {
    pub(super) fn new(collector: UsageCollector) -> Self {
        Self {
            collector,
            header: None,
        }
    }

    /// The header, or a row.
    pub(super) fn line(&mut self, line: Line) -> Result<(), ResultError> {
        let Some(header) = &self.header else {
            self.header = Some(line.into_iter().map(Option::unwrap_or_default).collect());
            return Ok(());
        };
        if header.len() != line.len() {
            return Err(ResultError::new(format!(
                "a row has {} values, and there are {} columns",
                line.len(),
                header.len()
            )));
        }
        let row = Row {
            header,
            values: line,
        };
        row.take(&mut self.collector)
    }

    /// Whether there was a header at all.
    pub(super) fn is_begun(&self) -> bool {
        self.header.is_some()
    }
}

struct Row<'a> {
    header: &'a [String],
    values: Line,
}

impl Row<'_> {
    fn value(&self, column: &str) -> Result<Option<&str>, ResultError> {
        let place = self.header.iter().position(|name| name == column);
        let value = place.and_then(|place| self.values.get(place));
        let value = value.ok_or_else(|| ResultError::new(format!("no column `{column}`")))?;
        Ok(value.as_deref())
    }

    fn has(&self, column: &str) -> bool {
        self.header.iter().any(|name| name == column)
    }

    fn count(&self, column: &str) -> Result<u64, ResultError> {
        let value = self.value(column)?.unwrap_or_default();
        value
            .parse()
            .map_err(|_| ResultError::new(format!("`{column}` is `{value}`, which is no count")))
    }

    fn json<T: serde::de::DeserializeOwned + Default>(
        &self,
        column: &str,
    ) -> Result<T, ResultError> {
        let Some(value) = self.value(column)? else {
            return Ok(T::default());
        };
        let value: Option<T> = serde_json::from_str(value)
            .map_err(|error| ResultError::new(format!("`{column}` is not as expected: {error}")))?;
        Ok(value.unwrap_or_default())
    }

    /// The members of userIdentity that decide who it was.
    fn user_identity(&self) -> Result<String, ResultError> {
        let identity = json!({
            "type": self.value("identity_type")?,
            "principalId": self.value("identity_principal_id")?,
            "arn": self.value("identity_arn")?,
            "accountId": self.value("identity_account_id")?,
            "accessKeyId": self.value("identity_access_key_id")?,
            "userName": self.value("identity_user_name")?,
            "invokedBy": self.value("identity_invoked_by")?,
            "sessionContext": {"sessionIssuer": {"arn": self.value("identity_issuer_arn")?}},
            "onBehalfOf": {"userId": self.value("identity_on_behalf_of")?},
        });
        Ok(identity.to_string())
    }

    fn counting(&self) -> Result<GroupCounting, ResultError> {
        if !self.has("record_ids") {
            return Ok(GroupCounting::Counted {
                shared_by: self.value("shared_by")?.map(str::to_owned),
                calls: self.count("calls")?,
                events: self.count("events")?,
                without_event_id: self.count("without_event_id")?,
            });
        }
        let records: Vec<[Option<String>; 3]> = self.json("record_ids")?;
        let id = |[event_id, shared_event_id, told]: [Option<String>; 3]| {
            Ok(RecordId {
                event_id,
                shared_event_id,
                told: told.as_deref().map_or(Ok(RecordTold::default()), told_of)?,
            })
        };
        let records: Result<_, ResultError> = records.into_iter().map(id).collect();
        Ok(GroupCounting::Listed(records?))
    }

    fn take(&self, collector: &mut UsageCollector) -> Result<(), ResultError> {
        let text = |column: &str| -> Result<Option<Text<'_>>, ResultError> {
            Ok(self.value(column)?.map(|value| Text(value.into())))
        };
        let user_identity = self.user_identity()?;
        let arns: Vec<Option<String>> = self.json("resource_arns")?;
        let listed: Vec<_> = arns.iter().map(|arn| json!({ "ARN": arn })).collect();
        let resources = json!(listed).to_string();
        let record = Record {
            event_source: text("event_source")?,
            event_name: text("event_name")?,
            event_type: text("event_type")?,
            aws_region: text("region")?,
            recipient_account_id: text("recipient_account_id")?,
            error_code: text("error_code")?,
            user_identity: Some(JsonText(&user_identity)),
            request_parameters: self.value("request_parameters")?.map(JsonText),
            resources: Some(JsonText(&resources)),
            ..Record::default()
        };
        let second = |column: &str| -> Result<Option<i64>, ResultError> {
            let time = self.value(column)?.and_then(event_time);
            Ok(time.map(|time| time.as_second()))
        };
        let dates: Vec<String> = self.json("active_dates")?;
        let days = dates.iter().filter_map(|date| day(date));
        let group = RecordGroup {
            records: self.count("records")?,
            counting: self.counting()?,
            first_and_last: second("first_seen")?.zip(second("last_seen")?),
            days: days.collect(),
            session_keys: self.json("session_keys")?,
            source_ips: self.json("source_ips")?,
            user_agents: self.json("user_agents")?,
            vpc_endpoints: self.json("vpc_endpoints")?,
        };
        collector.record_group(&record, &group);
        Ok(())
    }
}

/// What is told of a record without an event id: a list of texts in a text.
fn told_of(text: &str) -> Result<RecordTold, ResultError> {
    let texts: [Option<String>; 5] = serde_json::from_str(text).map_err(|error| {
        ResultError::new(format!("`record_ids` has what is not as expected: {error}"))
    })?;
    let [
        time,
        request_id,
        source_ip_address,
        user_agent,
        vpc_endpoint_id,
    ] = texts;
    let time = time.as_deref().and_then(event_time);
    Ok(RecordTold {
        second: time.map(|time| time.as_second()).unwrap_or_default(),
        request_id,
        source_ip_address,
        user_agent,
        vpc_endpoint_id,
    })
}

/// A date as days since 1970.
fn day(text: &str) -> Option<i64> {
    let date: Date = text.parse().ok()?;
    let midnight = TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok()?;
    Some(midnight.as_second().div_euclid(86_400))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FilesRead, Usage, Window, usage};

    /// Columns of both questions, with the values of a call.
    const GROUP: &[(&str, Option<&str>)] = &[
        ("event_source", Some("s3.amazonaws.com")),
        ("event_name", Some("GetObject")),
        ("event_type", Some("AwsApiCall")),
        ("region", Some("eu-west-1")),
        ("recipient_account_id", Some("111122223333")),
        ("error_code", None),
        ("identity_type", Some("AssumedRole")),
        ("identity_principal_id", None),
        ("identity_arn", None),
        ("identity_account_id", Some("111122223333")),
        ("identity_access_key_id", None),
        ("identity_user_name", None),
        ("identity_invoked_by", None),
        (
            "identity_issuer_arn",
            Some("arn:aws:iam::111122223333:role/r"),
        ),
        ("identity_on_behalf_of", None),
        (
            "request_parameters",
            Some(r#"{"bucketName":"b","key":"k","versionId":null}"#),
        ),
        ("resource_arns", Some(r#"["arn:aws:s3:::b",null]"#)),
        ("records", Some("3")),
        ("first_seen", Some("2024-03-05T10:00:00Z")),
        ("last_seen", Some("2024-03-06T10:00:00Z")),
        ("active_dates", Some(r#"["2024-03-05","2024-03-06"]"#)),
        ("source_ips", Some(r#"["198.51.100.7"]"#)),
        ("session_keys", None),
        ("user_agents", None),
        ("vpc_endpoints", None),
    ];

    fn read(counting: &[(&str, Option<&str>)]) -> Result<Usage, ResultError> {
        let mut rows = ResultRows::new(UsageCollector::new(Window::default()));
        let columns = || GROUP.iter().chain(counting);
        rows.line(
            columns()
                .map(|(name, _)| Some((*name).to_owned()))
                .collect(),
        )?;
        rows.line(
            columns()
                .map(|(_, value)| value.map(str::to_owned))
                .collect(),
        )?;
        Ok(usage(vec![rows.collector], FilesRead::default()))
    }

    #[test]
    fn counts_and_lists_of_ids_give_the_same_rows() {
        let counted = read(&[
            ("shared_by", None),
            ("calls", Some("2")),
            ("events", Some("2")),
            ("without_event_id", Some("1")),
        ]);
        let ids = r#"[["id-1",null,null],["id-1",null,null],[null,null,"[\"2024-03-05T10:00:00Z\",null,\"198.51.100.7\",null,null]"]]"#;
        let listed = read(&[("record_ids", Some(ids))]).unwrap();
        assert_eq!(counted.as_ref().map(|usage| &usage.rows), Ok(&listed.rows));
        assert_eq!(counted.map(|usage| usage.summary), Ok(listed.summary));
        let [row] = &*listed.rows else {
            panic!("one row was expected");
        };
        assert_eq!((row.count, row.active_days), (2, 2));
        assert_eq!(row.resource.as_deref(), Some("arn:aws:s3:::b/k"));
        assert_eq!(&*row.principal_arn, "arn:aws:iam::111122223333:role/r");
    }

    #[test]
    fn what_was_not_asked_for_is_an_error() {
        let broken = read(&[("record_ids", Some("[[1]]"))]).unwrap_err();
        assert!(
            broken.what.starts_with("`record_ids` is not as expected"),
            "{broken}"
        );
        let broken = read(&[("shared_by", None), ("calls", Some("many"))]).unwrap_err();
        assert_eq!(broken.what, "`calls` is `many`, which is no count");
        assert_eq!(read(&[]).unwrap_err().what, "no column `shared_by`");
    }
}
