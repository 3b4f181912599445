//! The names that SDKs and endpoints have for services.

/// A service as botocore names it. Event sources and hosts begin with its names, policies with [`Self::prefix`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct SdkService {
    /// botocore's own name, which is also the `aws` command's: `elbv2`.
    pub name: &'static str,
    /// The id that all SDKs share: `Elastic Load Balancing v2`.
    pub service_id: &'static str,
    /// What its hosts begin with: `monitoring`. Several services can share one.
    pub endpoint_prefix: &'static str,
    /// What its requests are signed for: `monitoring`.
    pub signing_name: &'static str,
    /// The prefix of its actions, such as `cloudwatch`; `None` where neither its operations nor its names tell it.
    ///
    /// Told by the service most of whose actions are called like the operations; so single operations
    /// may need actions of other services.
    pub prefix: Option<&'static str>,
}

impl SdkService {
    /// Whether one of its names is this one, case and blanks ignored.
    #[must_use]
    pub fn is_called(&self, name: &str) -> bool {
        let letters = |text: &str| -> String {
            text.chars()
                .filter(|character| !character.is_whitespace())
                .map(|character| character.to_ascii_lowercase())
                .collect()
        };
        let wanted = letters(name);
        [
            self.name,
            self.service_id,
            self.endpoint_prefix,
            self.signing_name,
        ]
        .into_iter()
        .any(|own| letters(own) == wanted)
    }
}
