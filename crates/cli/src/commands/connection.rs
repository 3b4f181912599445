//! How AWS is reached, for all commands that do.

use anyhow::bail;
use clap::Args;
use leastgrant_aws::Connection;

/// Settings of the connection; what is not given comes from where the `aws` CLI takes it.
#[derive(Debug, Args)]
#[command(next_help_heading = "AWS options")]
pub(crate) struct ConnectionArguments {
    /// Use this profile of the AWS configuration; a collection takes several, one account each
    #[arg(long, num_args = 1.., value_name = "PROFILE")]
    profile: Vec<String>,
    /// Use this Region [default: the profile's or the environment's]
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// Send all calls to this endpoint
    #[arg(long, value_name = "URL", value_parser = parse_endpoint)]
    endpoint_url: Option<String>,
}

impl ConnectionArguments {
    /// The one connection, for what asks one account.
    pub(crate) fn connection(&self) -> anyhow::Result<Connection> {
        self.expect_no_secret()?;
        match self.profile.as_slice() {
            [] => self.with_profile(None),
            [profile] => self.with_profile(Some(profile)),
            profiles => bail!(
                "CloudTrail is read with one profile, and `{}` follow `--profile`; give it one, and name an inventory before it",
                profiles.join("`, `")
            ),
        }
    }

    /// A connection for each profile, or the default one.
    pub(crate) fn connections(&self) -> anyhow::Result<Vec<Connection>> {
        self.expect_no_secret()?;
        match self.profile.as_slice() {
            [] => Ok(vec![self.with_profile(None)?]),
            profiles => profiles
                .iter()
                .map(|profile| self.with_profile(Some(profile)))
                .collect(),
        }
    }

    /// The endpoint is written to the inventory, and a password in it would be too. Not the parser's work, which would show it.
    fn expect_no_secret(&self) -> anyhow::Result<()> {
        let endpoint = self.endpoint_url.as_deref().unwrap_or_default();
        let (_, place) = endpoint.split_once("://").unwrap_or_default();
        let authority = place.split(['/', '?', '#']).next().unwrap_or_default();
        if authority.contains('@') || place.contains('?') {
            bail!(
                "the URL of `--endpoint-url` has a user, a password or a query, which AWS's services do not take: leave them out"
            );
        }
        Ok(())
    }

    /// Whether any of them is given.
    pub(crate) fn is_given(&self) -> bool {
        !self.profile.is_empty() || self.region.is_some() || self.endpoint_url.is_some()
    }

    /// As arguments again, for the manifest.
    pub(crate) fn recorded(&self) -> Vec<String> {
        let mut recorded = Vec::new();
        for (name, values) in [
            ("--profile", self.profile.as_slice()),
            ("--region", self.region.as_slice()),
            ("--endpoint-url", self.endpoint_url.as_slice()),
        ] {
            for value in values {
                recorded.extend([name.to_owned(), value.clone()]);
            }
        }
        recorded
    }

    fn with_profile(&self, profile: Option<&String>) -> anyhow::Result<Connection> {
        let connection = Connection {
            profile: profile.cloned(),
            region: self.region.clone(),
            endpoint_url: self.endpoint_url.clone(),
        };
        connection.expect_profile()?;
        Ok(connection)
    }
}

/// The SDK finds out late, and then shows the whole request. With `/` at its end it is the same endpoint, and a collection that goes on is
/// known by it.
fn parse_endpoint(text: &str) -> Result<String, &'static str> {
    let text = text.trim_end_matches('/');
    let host = ["https://", "http://"]
        .iter()
        .find_map(|scheme| text.strip_prefix(scheme));
    match host {
        Some(host) if host.starts_with(|first: char| first.is_alphanumeric() || first == '[') => {
            Ok(text.to_owned())
        }
        _ => Err("it is no URL: give one such as `https://s3.eu-west-1.amazonaws.com`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_the_same_with_a_slash_at_its_end() {
        let endpoint = "https://iam.example.com:8443";
        for text in [endpoint, "https://iam.example.com:8443/"] {
            assert_eq!(parse_endpoint(text), Ok(endpoint.to_owned()));
        }
        for text in ["iam.example.com", "https:///", "https://", "ftp://a"] {
            parse_endpoint(text).unwrap_err();
        }
    }
}
