//! `botocore`'s models of the services' interfaces: which parameters an operation has.

use std::path::{Path, PathBuf};

use anyhow::Context;
use serde_json::{Map, Value};

use super::json;
use super::packages::Packages;

/// The model of one service.
pub(super) struct Model {
    /// botocore's name of the service.
    pub name: String,
    value: Value,
}

/// All services, sorted by name.
pub(super) fn all(packages: &Packages) -> anyhow::Result<Vec<Model>> {
    let mut models = Vec::new();
    for folder in folders(&packages.python("botocore/data"))? {
        // A service can have several versions of its API; the folders' names are dates.
        if let Some(path) = versions(&folder)?.last() {
            models.push(Model::read(&folder, path)?);
        }
    }
    Ok(models)
}

/// All versions of all services: calls of older ones are events too.
pub(super) fn every_version(packages: &Packages) -> anyhow::Result<Vec<Model>> {
    let mut models = Vec::new();
    for folder in folders(&packages.python("botocore/data"))? {
        for path in versions(&folder)? {
            models.push(Model::read(&folder, &path)?);
        }
    }
    Ok(models)
}

/// The models of one service, the newest last.
fn versions(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut paths: Vec<PathBuf> = folders(folder)?
        .into_iter()
        .map(|version| version.join("service-2.json.gz"))
        .collect();
    paths.retain(|path| path.exists());
    Ok(paths)
}

impl Model {
    fn read(folder: &Path, path: &Path) -> anyhow::Result<Self> {
        Ok(Self {
            name: folder
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            value: json::read(path)?,
        })
    }

    pub(super) fn metadata(&self) -> anyhow::Result<&Value> {
        self.value
            .get("metadata")
            .context("a model without metadata")
    }

    pub(super) fn operations(&self) -> anyhow::Result<&Map<String, Value>> {
        json::object(&self.value, "operations")
    }

    /// The parameters of an operation, with the names of their shapes.
    pub(super) fn members(&self, operation: &str) -> anyhow::Result<Vec<(String, String)>> {
        let shape = self
            .operations()?
            .get(operation)
            .and_then(|operation| operation.get("input"))
            .and_then(shape_name);
        Ok(shape
            .map(|shape| self.members_of(shape))
            .unwrap_or_default())
    }

    /// Whether a shape is a text or a number, or a list of such.
    pub(super) fn is_text_or_texts(&self, shape: &str) -> bool {
        match self.kind(shape) {
            Some("string" | "integer" | "long") => true,
            Some("list") => self
                .element(shape)
                .is_some_and(|element| self.kind(element) == Some("string")),
            _ => false,
        }
    }

    /// Whether an operation has a parameter `A.B[].C` that is a text or a list of texts.
    pub(super) fn has_path(&self, operation: &str, path: &str) -> bool {
        let mut members = self.members(operation).unwrap_or_default();
        let mut last = None;
        for part in path.split('.') {
            let (name, is_list) = match part.strip_suffix("[]") {
                Some(name) => (name, true),
                None => (part, false),
            };
            let Some((_, shape)) = members
                .iter()
                .find(|(member, _)| member.eq_ignore_ascii_case(name))
            else {
                return false;
            };
            let shape = match self.element(shape) {
                Some(element) if is_list => element.to_owned(),
                _ => shape.clone(),
            };
            members = self.members_of(&shape);
            last = Some(shape);
        }
        last.is_some_and(|shape| self.is_text_or_texts(&shape))
    }

    /// The verb and path of a REST operation as `GET /a/{parameter}`, parameters in lower case.
    pub(super) fn path(&self, operation: &str) -> anyhow::Result<String> {
        let operation_value = self.operations()?.get(operation).context("no operation")?;
        let http = operation_value.get("http").context("no http")?;
        let path = json::text(http, "requestUri")?;
        let path = path.split('?').next().unwrap_or(path);
        let path = path.strip_prefix("/v2").unwrap_or(path);
        let members = operation_value
            .get("input")
            .and_then(shape_name)
            .and_then(|shape| self.shape(shape))
            .and_then(|shape| shape.get("members"))
            .and_then(Value::as_object);
        let mut written = path.to_owned();
        for (name, member) in members.into_iter().flatten() {
            let place = member.get("locationName").and_then(Value::as_str);
            if let Some(place) = place {
                for end in ["}", "+}"] {
                    let from = format!("{{{place}{end}");
                    written = written.replace(&from, &format!("{{{}}}", name.to_ascii_lowercase()));
                }
            }
        }
        Ok(format!("{} {written}", json::text(http, "method")?))
    }

    fn members_of(&self, shape: &str) -> Vec<(String, String)> {
        let members = self
            .shape(shape)
            .and_then(|shape| shape.get("members"))
            .and_then(Value::as_object);
        members
            .into_iter()
            .flatten()
            .filter_map(|(name, member)| Some((name.clone(), shape_name(member)?.to_owned())))
            .collect()
    }

    fn shape(&self, name: &str) -> Option<&Value> {
        self.value.get("shapes")?.get(name)
    }

    fn kind(&self, shape: &str) -> Option<&str> {
        self.shape(shape)?.get("type")?.as_str()
    }

    /// The shape of a list's elements.
    fn element(&self, shape: &str) -> Option<&str> {
        shape_name(self.shape(shape)?.get("member")?)
    }
}

fn shape_name(value: &Value) -> Option<&str> {
    value.get("shape")?.as_str()
}

fn folders(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("cannot read `{}`", folder.display()))?;
    let mut folders: Vec<PathBuf> = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<anyhow::Result<_>>()?;
    folders.retain(|path| path.is_dir());
    folders.sort();
    Ok(folders)
}
