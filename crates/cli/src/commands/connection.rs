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
    #[arg(long, value_name = "REGION", value_parser = parse_region)]
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
            [] => Ok(self.with_profile(None)),
            [profile] => Ok(self.with_profile(Some(profile))),
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
            [] => Ok(vec![self.with_profile(None)]),
            profiles => Ok(profiles
                .iter()
                .map(|profile| self.with_profile(Some(profile)))
                .collect()),
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

    fn with_profile(&self, profile: Option<&String>) -> Connection {
        Connection {
            profile: profile.cloned(),
            region: self.region.clone(),
            endpoint_url: self.endpoint_url.clone(),
        }
    }
}

/// A Region's name is a part of the host that is asked.
fn parse_region(text: &str) -> Result<String, &'static str> {
    let is_of_a_name =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_name = !text.is_empty() && text.bytes().all(is_of_a_name);
    if is_name && !text.starts_with('-') && !text.ends_with('-') {
        Ok(text.to_owned())
    } else {
        Err("the name of a Region was expected, such as `eu-west-1`")
    }
}

/// The SDK finds out late, and then shows the whole request. With `/` at its end it is the same endpoint, and a collection that goes on is
/// known by it, as it is with `HTTP://` in capitals. A user and a query are told of elsewhere, where they are not shown.
fn parse_endpoint(text: &str) -> Result<String, &'static str> {
    const NO_URL: &str = "it is no URL: give one such as `https://s3.eu-west-1.amazonaws.com`";
    let (scheme, place) = text.split_once("://").ok_or(NO_URL)?;
    let scheme = scheme.to_ascii_lowercase();
    let place = place.trim_end_matches('/');
    let is_scheme = ["https", "http"].contains(&&*scheme);
    let is_printed =
        |character: char| character.is_ascii_graphic() && !"<>\"\\^`{|}".contains(character);
    if !is_scheme || !place.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '[')
    {
        return Err(NO_URL);
    }
    if !place.chars().all(is_printed) {
        return Err("it has a space or another character that no URL has; leave it out");
    }
    if place.contains('#') {
        return Err("it has a fragment (`#…`), which is not sent; leave it out");
    }
    let authority = place.split(['/', '?']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let after_address = host.rsplit(']').next().unwrap_or_default();
    let port = after_address.split_once(':').map(|(_, port)| port);
    if port.is_some_and(|port| port.parse::<u16>().map_or(true, |port| port == 0)) {
        return Err("its port is no number from 1 to 65535");
    }
    Ok(format!("{scheme}://{place}"))
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
        assert_eq!(
            parse_endpoint("HTTPS://iam.example.com:8443").as_deref(),
            Ok(endpoint)
        );
        for text in ["http://[::1]:4566", "http://localhost:65535/a"] {
            assert_eq!(parse_endpoint(text), Ok(text.to_owned()));
        }
        for text in [
            "iam.example.com",
            "https:///",
            "https://",
            "ftp://a",
            "http://a b/",
            "http://a:65536",
            "http://a:0",
            "http://a:x",
            "http://[::1]:99999",
            "http://a/#b",
            "http://a\n",
        ] {
            parse_endpoint(text).unwrap_err();
        }
    }

    #[test]
    fn a_region_is_a_part_of_a_host() {
        for text in ["eu-west-1", "us-gov-east-1", "cn-north-1", "us-iso-b-1"] {
            assert_eq!(parse_region(text), Ok(text.to_owned()));
        }
        for text in [
            "",
            "eu west",
            "EU-WEST-1",
            "eu-west-1.evil.example",
            "-",
            "eu-",
        ] {
            parse_region(text).unwrap_err();
        }
    }
}
