//! The authorities that are trusted in place of the machine's: `AWS_CA_BUNDLE`, or else the profile's `ca_bundle` (AWS SDKs and Tools
//! Reference Guide, "General configuration"), which the SDK does not read.

use std::path::{Path, PathBuf};

use aws_config::profile::ProfileSet;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, ConnectorBuilder};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use crate::profile::Problem;

const FILE_OF_THE_ENVIRONMENT: &str = "AWS_CA_BUNDLE";
const FILE_OF_A_PROFILE: &str = "ca_bundle";

/// A file of certificates, and what names it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Bundle {
    file: PathBuf,
    named_by: String,
}

impl Bundle {
    /// The one that is to be used, if one is named. `in_environment` is what the environment says.
    pub(crate) fn named(
        in_environment: Option<PathBuf>,
        profiles: Option<&ProfileSet>,
        profile: Option<&str>,
    ) -> Option<Self> {
        if let Some(file) = in_environment.filter(|file| !file.as_os_str().is_empty()) {
            let named_by = format!("`{FILE_OF_THE_ENVIRONMENT}`");
            return Some(Self { file, named_by });
        }
        let profiles = profiles?;
        let profile = profile.unwrap_or(profiles.selected_profile());
        let file = profiles.get_profile(profile)?.get(FILE_OF_A_PROFILE)?;
        (!file.is_empty()).then(|| Self {
            file: PathBuf::from(file),
            named_by: format!("`{FILE_OF_A_PROFILE}` of the profile `{profile}`"),
        })
    }

    /// A client that trusts these authorities and no others, by the same proxies as the SDK's own.
    pub(crate) fn client(&self) -> Result<SharedHttpClient, Problem> {
        let not_read = |why: String| Problem::Certificates {
            file: self.file.display().to_string(),
            named_by: self.named_by.clone(),
            why,
        };
        let certificates = certificates(&self.file).map_err(not_read)?;
        let mut trusted = TrustStore::empty();
        for certificate in &certificates {
            trusted.add_pem_certificate(pem(certificate));
        }
        let context = TlsContext::builder().with_trust_store(trusted).build();
        let context = context.map_err(|error| not_read(error.to_string()))?;
        let client = Builder::new().build_with_connector_fn(move |settings, components| {
            let mut connector =
                ConnectorBuilder::default().tls_provider(Provider::rustls(CryptoMode::AwsLc));
            connector.set_connector_settings(settings.cloned());
            connector.set_sleep_impl(components.and_then(|components| components.sleep_impl()));
            connector.set_proxy_config(Some(ProxyConfig::from_env()));
            connector.tls_context(context.clone()).build()
        });
        Ok(client)
    }
}

/// What the environment says.
pub(crate) fn in_environment() -> Option<PathBuf> {
    std::env::var_os(FILE_OF_THE_ENVIRONMENT).map(PathBuf::from)
}

/// The certificates of a file that can be trusted. Old ones of a system's file may be of a form that is not known, and the SDK takes none
/// but those that are.
fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let text = std::fs::read(file).map_err(|error| error.to_string())?;
    let mut known = RootCertStore::empty();
    let mut certificates = Vec::new();
    for certificate in CertificateDer::pem_slice_iter(&text) {
        let certificate = certificate.map_err(|error| format!("it is damaged: {error}"))?;
        if known.add(certificate.clone()).is_ok() {
            certificates.push(certificate);
        }
    }
    if certificates.is_empty() {
        return Err(
            "it has no certificate that can be trusted; they are expected as PEM".to_owned(),
        );
    }
    Ok(certificates)
}

fn pem(certificate: &CertificateDer<'_>) -> String {
    let body = STANDARD.encode(certificate);
    format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n")
}

#[cfg(test)]
mod tests {
    use aws_config::profile::load;
    use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
    use aws_types::os_shim_internal::{Env, Fs};

    use super::*;

    #[test]
    fn the_environment_goes_before_the_profile_that_is_used() {
        let file = "[default]\nca_bundle = d.pem\n[profile a]\nca_bundle = a.pem\n[profile b]\n";
        let files = EnvConfigFiles::builder()
            .with_contents(EnvConfigFileKind::Config, file)
            .build();
        let runtime = crate::runtime().unwrap();
        let environment = Env::from_slice(&[]);
        let disk = Fs::from_slice(&[]);
        let profiles = load(&disk, &environment, &files, None);
        let profiles = runtime.block_on(profiles).unwrap();
        for (in_environment, profile, expected) in [
            (Some("e.pem"), Some("a"), Some(("e.pem", "`AWS_CA_BUNDLE`"))),
            (
                None,
                Some("a"),
                Some(("a.pem", "`ca_bundle` of the profile `a`")),
            ),
            (
                Some(""),
                None,
                Some(("d.pem", "`ca_bundle` of the profile `default`")),
            ),
            (None, Some("b"), None),
        ] {
            let named = Bundle::named(in_environment.map(PathBuf::from), Some(&profiles), profile);
            let expected = expected.map(|(file, named_by)| Bundle {
                file: PathBuf::from(file),
                named_by: named_by.to_owned(),
            });
            assert_eq!(named, expected);
        }
    }

    #[test]
    fn a_file_without_certificates_is_told_with_what_names_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("bundle.pem");
        let told = || {
            let bundle = Bundle::named(Some(file.clone()), None, None).unwrap();
            bundle.client().unwrap_err().to_string()
        };
        let named = format!("`{}`, which `AWS_CA_BUNDLE` names", file.display());
        for (text, why) in [
            (None, "No such file"),
            (Some(""), "no certificate"),
            (
                Some("-----BEGIN CERTIFICATE-----\nMAAA\n-----END CERTIFICATE-----\n"),
                "no certificate",
            ),
            (
                Some("-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n"),
                "damaged",
            ),
            (Some("-----BEGIN CERTIFICATE-----\nMAAA\n"), "damaged"),
        ] {
            if let Some(text) = text {
                std::fs::write(&file, text).unwrap();
            }
            let told = told();
            assert!(told.contains(&named) && told.contains(why), "{told}");
        }
    }
}
