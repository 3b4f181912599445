//! API Gateway, whose actions are the verbs of HTTP and whose resources are paths.

use std::sync::Arc;

use super::parameters::{Parameters, Path};
use super::template::Place;

/// A verb and a path of API Gateway's interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) action: Arc<str>,
    /// Words, and the parameters that stand between them.
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(&'static str),
    Parameter(Path),
}

/// What the routes of one call say of a request: actions with their ARNs, an empty one where it cannot be told.
///
/// The two versions of API Gateway share names of calls. The one whose parameters are there is meant, else either can be.
pub(super) fn told(
    routes: &[Route],
    parameters: &Parameters<'_>,
    place: &Place<'_>,
) -> Vec<(Arc<str>, String)> {
    let mut told: Vec<(Arc<str>, String)> = routes
        .iter()
        .filter_map(|route| Some((Arc::clone(&route.action), route.arn(parameters, place)?)))
        .collect();
    if told.is_empty() {
        let any = routes
            .iter()
            .map(|route| (Arc::clone(&route.action), String::new()));
        told.extend(any);
    }
    told
}

impl Route {
    /// Takes a path as `/restapis/{restapiid}` apart.
    pub(super) fn of(action: Arc<str>, path: &'static str) -> Self {
        let mut parts = Vec::new();
        let mut rest = path;
        while let Some((text, after)) = rest.split_once('{') {
            parts.push(Part::Text(text));
            let (name, after) = after.split_once('}').unwrap_or((after, ""));
            parts.push(Part::Parameter(Path::of(name)));
            rest = after;
        }
        parts.push(Part::Text(rest));
        Self { action, parts }
    }

    /// All paths that are asked for.
    #[cfg(test)]
    pub(super) fn paths(&self) -> Vec<&Path> {
        let paths = self.parts.iter().filter_map(|part| match part {
            Part::Text(_) => None,
            Part::Parameter(path) => Some(path),
        });
        paths.collect()
    }

    /// The ARN, if all parameters of the path are there and each is one part of it.
    fn arn(&self, parameters: &Parameters<'_>, place: &Place<'_>) -> Option<String> {
        let mut arn = format!(
            "arn:{}:apigateway:{}::",
            place.partition(),
            place.known_region()?
        );
        for part in &self.parts {
            match part {
                Part::Text(text) => arn.push_str(text),
                Part::Parameter(path) => {
                    let found = parameters.all(std::slice::from_ref(path));
                    let [value] = found.texts.as_slice() else {
                        return None;
                    };
                    if found.is_unclear || value.contains([':', '/']) {
                        return None;
                    }
                    arn.push_str(value);
                }
            }
        }
        Some(arn)
    }
}
