//! Builds a bundle: from paths to a folder that answers.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use codesets::CodeSystem;
use codesets::formats::omop::OmopConcept;
use codesets::formats::poa::PoaExemptRow;
use sha2::{Digest, Sha256};

use crate::book::{Book, Extras, Level, MOST_RELEASES, PcsTables, Property};
use crate::bundle::{self, BundleError, Made, Manifest, WriteError, hex};
use crate::carried_terms::{carry_terms, names_by_code};
use crate::edits::{self, EditsBuild, EditsBuilder, ParsedFile};
use crate::embedded::{EmbeddedError, embedded_digest, embedded_files};
use crate::facts::ReleaseFacts;
use crate::index_terms::{IndexTerm, attach, index_terms, table_terms};
use crate::ingest::{Given, Intake, ingest};
use crate::known::Known;
use crate::merge::{add_property, merge};
use crate::report::{Report, Skipped};
use crate::unpack::{UnpackError, files_below};
use crate::{
    addenda, cpt, crosswalks, declared, hcpcs, icd10_who, icd10cm, icd10pcs, icd11, omop, report,
};

/// The share of a file's rows that may be skipped before the build fails.
const MOST_SKIPPED_SHARE: f64 = 0.01;

/// What to build, and whether to go on where a careful builder would stop.
#[derive(Clone, Debug)]
pub struct BuildPlan {
    /// Files, archives and folders of them.
    pub paths: Vec<PathBuf>,
    /// Whether the release that ships with the program goes in too, behind the files of `paths`.
    pub embedded: bool,
    /// Where the bundle goes; must not exist unless it is a bundle and `replace` is set.
    pub out: PathBuf,
    /// Whether a bundle at `out` is replaced.
    pub replace: bool,
    /// Whether files with many unreadable rows are used all the same.
    pub keep_going: bool,
}

/// Told what the build is doing; `done` of `total` where that is known.
pub trait Progress: Sync {
    /// A stage of the build has begun.
    fn stage(&self, text: &str);
    /// A file has been read.
    fn file(&self, done: usize, total: usize, name: &str);
}

/// Why a build failed; nothing has been changed at the output.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A path cannot be read.
    #[error(transparent)]
    Unpack(#[from] UnpackError),
    /// The release that ships with the program cannot be read.
    #[error(transparent)]
    Embedded(#[from] EmbeddedError),
    /// There is no file below the paths.
    #[error(
        "there is no file in {}; give files, archives or folders that hold some",
        list(paths)
    )]
    NoFiles {
        /// The paths that were given.
        paths: Vec<PathBuf>,
    },
    /// No file of the paths was recognised.
    #[error(
        "none of the {} files is a code set that can be read; \
         see the list above for what each looks like, and README for what can be read", report.files.len()
    )]
    Nothing {
        /// What was found.
        report: Box<Report>,
    },
    /// A recognised file has too many rows that cannot be read.
    #[error(
        "`{file}`: {skipped} of {rows} rows cannot be read, more than 1 in 100; \
         the file is probably damaged or cut off. Get it again, or build with --keep-going"
    )]
    TooManySkipped {
        /// The file.
        file: String,
        /// Rows skipped.
        skipped: u64,
        /// Rows in all.
        rows: u64,
        /// What was found.
        report: Box<Report>,
    },
    /// A file or a member of an archive cannot be read at all.
    #[error("`{file}` cannot be read; get it again, or build without it with --keep-going")]
    Unreadable {
        /// The file.
        file: String,
        /// What was found.
        report: Box<Report>,
    },
    /// Something is already at the output.
    #[error("`{}` exists already; name another folder, or replace a bundle with --replace", path.display())]
    OutputExists {
        /// The output.
        path: PathBuf,
    },
    /// More releases of one system than a bundle holds.
    #[error(
        "{found} releases of {system}, but a bundle holds at most {MOST_RELEASES} of one system"
    )]
    TooManyReleases {
        /// The system.
        system: CodeSystem,
        /// How many releases were given.
        found: usize,
    },
    /// The tables of claim edits cannot be put together.
    #[error(transparent)]
    Edits(#[from] edits::BuildError),
    /// The bundle cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The finished bundle cannot be moved to its place.
    #[error("cannot put the bundle at `{}`", path.display())]
    Place {
        /// The output.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The bundle was written but does not open: a defect of this program or of the disk.
    #[error("the bundle was written but does not open, so it was not put in place")]
    Check(#[source] BundleError),
}

impl BuildError {
    /// What was found before the build failed, where it came as far as reading files.
    pub fn report(&self) -> Option<&Report> {
        match self {
            BuildError::Nothing { report }
            | BuildError::Unreadable { report, .. }
            | BuildError::TooManySkipped { report, .. } => Some(report),
            BuildError::Unpack(_)
            | BuildError::Embedded(_)
            | BuildError::NoFiles { .. }
            | BuildError::OutputExists { .. }
            | BuildError::TooManyReleases { .. }
            | BuildError::Edits(_)
            | BuildError::Write(_)
            | BuildError::Place { .. }
            | BuildError::Check(_) => None,
        }
    }
}

fn list(paths: &[PathBuf]) -> String {
    let names: Vec<String> = paths
        .iter()
        .map(|path| format!("`{}`", path.display()))
        .collect();
    names.join(", ")
}

/// Builds the bundle of the release that ships with the program, at `out`.
///
/// # Errors
/// As [`build`].
pub fn build_embedded(out: &Path, progress: &dyn Progress) -> Result<Manifest, BuildError> {
    let plan = BuildPlan {
        paths: Vec::new(),
        embedded: true,
        out: out.to_owned(),
        replace: false,
        keep_going: false,
    };
    build(&plan, progress).map(|(manifest, _)| manifest)
}

/// Builds the bundle that `plan` names.
///
/// It is written in a folder beside its place, opened once as a check and then
/// moved in whole, so that whoever reads the old bundle is never disturbed and a
/// build that is killed leaves the old one as it was.
///
/// # Errors
/// When nothing can be read, too much cannot, or the bundle cannot be written.
pub fn build(plan: &BuildPlan, progress: &dyn Progress) -> Result<(Manifest, Report), BuildError> {
    check_output(plan)?;
    progress.stage("looking for files");
    let mut files = Vec::new();
    for path in &plan.paths {
        files.extend(files_below(path)?);
    }
    files.sort();
    files.dedup();
    if files.is_empty() && !plan.embedded {
        return Err(BuildError::NoFiles {
            paths: plan.paths.clone(),
        });
    }
    progress.stage("comparing the files with those of the bundle");
    let inputs = inputs_digest(plan, &files);
    if let Some(manifest) = unchanged(plan, inputs.as_deref()) {
        let report = Report {
            unchanged: true,
            releases: manifest.releases.clone(),
            ..Report::default()
        };
        return Ok((manifest, report));
    }
    let mut given: Vec<Given> = files.into_iter().map(Given::Path).collect();
    if plan.embedded {
        progress.stage("unpacking the embedded release");
        given.extend(embedded_files()?.into_iter().map(Given::File));
    }
    let known = Known::shipped();
    let done = std::sync::atomic::AtomicUsize::new(0);
    let total = given.len();
    progress.stage("reading files");
    let intake = ingest(given, &known, &|name| {
        let done = done.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
        progress.file(done, total, name);
    });
    build_intake(plan, intake, &known, inputs.unwrap_or_default(), progress)
}

/// A digest over everything that decides what a bundle holds; `None` when a file cannot be
/// read, which the build itself will report.
fn inputs_digest(plan: &BuildPlan, files: &[PathBuf]) -> Option<String> {
    let mut digest = Sha256::new();
    digest.update(bundle::FORMAT_VERSION.to_le_bytes());
    digest.update(env!("CARGO_PKG_VERSION"));
    // The vocabulary, and the release that ships with the program.
    digest.update(embedded_digest());
    digest.update([u8::from(plan.embedded), u8::from(plan.keep_going)]);
    for file in files {
        let mut content = Sha256::new();
        io::copy(&mut fs::File::open(file).ok()?, &mut Sink(&mut content)).ok()?;
        // A file's name may tell its release.
        digest.update(file.as_os_str().as_encoded_bytes());
        digest.update([0]);
        digest.update(content.finalize());
    }
    Some(hex(&digest.finalize()))
}

/// Takes what is written into a digest.
struct Sink<'a>(&'a mut Sha256);

impl io::Write for Sink<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The manifest of the bundle at the output, if it was made of the same and is whole.
fn unchanged(plan: &BuildPlan, inputs: Option<&str>) -> Option<Manifest> {
    let manifest = bundle::Bundle::verify(&plan.out).ok()?;
    (Some(manifest.inputs.as_str()) == inputs).then_some(manifest)
}

fn build_intake(
    plan: &BuildPlan,
    mut intake: Intake,
    known: &Known,
    inputs: String,
    progress: &dyn Progress,
) -> Result<(Manifest, Report), BuildError> {
    let mut report = Report {
        files: std::mem::take(&mut intake.reports),
        ..Report::default()
    };
    check_rows(plan, &report)?;
    let sources = std::mem::take(&mut intake.sources);
    let edits = edits(std::mem::take(&mut intake.edits), progress)?;
    progress.stage("putting releases together");
    let (books, mut extras) = books(intake, known, &mut report)?;
    extras.edits = edits;
    if books.is_empty() {
        return Err(BuildError::Nothing {
            report: Box::new(report),
        });
    }
    let staging = Staging::beside(&plan.out)?;
    let built_at = jiff::Timestamp::now()
        .strftime("%Y-%m-%dT%H:%M:%SZ")
        .to_string();
    let manifest = bundle::write(
        &staging.path,
        &books,
        &extras,
        sources,
        Made {
            at: built_at,
            of: inputs,
        },
        &|stage| {
            progress.stage(stage);
        },
    )?;
    drop((books, extras));
    progress.stage("opening the bundle");
    bundle::Bundle::open(&staging.path).map_err(BuildError::Check)?;
    staging.move_to(&plan.out)?;
    report.releases.clone_from(&manifest.releases);
    report.edits.clone_from(&manifest.edits);
    Ok((manifest, report))
}

/// The tables of claim edits, if there are files of any.
fn edits(
    files: Vec<ParsedFile>,
    progress: &dyn Progress,
) -> Result<Option<EditsBuild>, BuildError> {
    if files.is_empty() {
        return Ok(None);
    }
    progress.stage("putting tables of claim edits together");
    let mut builder = EditsBuilder::new();
    for file in files {
        builder.add(file);
    }
    Ok(Some(builder.finish()?))
}

fn check_output(plan: &BuildPlan) -> Result<(), BuildError> {
    let exists = fs::symlink_metadata(&plan.out).is_ok();
    let empty = fs::read_dir(&plan.out).is_ok_and(|mut entries| entries.next().is_none());
    let replaceable = plan.replace && plan.out.join("manifest.json").is_file();
    if exists && !empty && !replaceable {
        return Err(BuildError::OutputExists {
            path: plan.out.clone(),
        });
    }
    Ok(())
}

fn check_rows(plan: &BuildPlan, report: &Report) -> Result<(), BuildError> {
    if plan.keep_going {
        return Ok(());
    }
    for file in &report.files {
        if file.unreadable {
            return Err(BuildError::Unreadable {
                file: file.file.clone(),
                report: Box::new(report.clone()),
            });
        }
        let skipped = file.skipped_rows();
        let cut_off = file
            .skipped
            .iter()
            .any(|s| s.reason == "XML cannot be read further");
        #[expect(clippy::cast_precision_loss, reason = "a share needs few digits")]
        let share = skipped as f64 / (file.rows + skipped).max(1) as f64;
        if file.recognised.is_some() && (cut_off || share > MOST_SKIPPED_SHARE) {
            return Err(BuildError::TooManySkipped {
                file: file.file.clone(),
                skipped,
                rows: file.rows + skipped,
                report: Box::new(report.clone()),
            });
        }
    }
    Ok(())
}

fn books(
    intake: Intake,
    known: &Known,
    report: &mut Report,
) -> Result<(Vec<Book>, Extras), BuildError> {
    let findings = &mut report.findings;
    let mut files = intake.systems;
    let mut books = Vec::new();
    let mut extras = Extras::default();
    let mut index_names = HashMap::new();

    let mut releases: Vec<ReleaseFacts> = Vec::new();
    for (version, files) in intake.icd10cm {
        releases.extend(icd10cm::facts(&version, files, known, findings));
    }
    let mut declared: BTreeMap<CodeSystem, Vec<ReleaseFacts>> = BTreeMap::new();
    for table in std::mem::take(&mut files.declared) {
        let (system, release) = declared::facts(table, findings);
        declared.entry(system).or_default().push(release);
    }
    let mut take_declared = |system| declared.remove(&system).unwrap_or_default();
    releases.extend(take_declared(CodeSystem::Icd10Cm));
    if let Some(mut book) = book(CodeSystem::Icd10Cm, releases)? {
        let mut terms: Vec<IndexTerm> = Vec::new();
        for (version, index) in &intake.indexes {
            terms.extend(index_terms(version, index, findings));
        }
        for (version, table) in &intake.tables {
            terms.extend(table_terms(version, table));
        }
        index_names = names_by_code(&terms);
        attach(&mut book, terms, &intake.conversions, findings);
        mark_poa_exempt(&mut book, &files.poa, findings);
        books.push(book);
    } else if !intake.indexes.is_empty() || !intake.tables.is_empty() {
        report::skip(
            findings,
            "index or table without a release of ICD-10-CM to belong to",
            "give an order file or a Tabular List too".to_owned(),
        );
    }

    let mut releases = take_declared(CodeSystem::Icd10Pcs);
    for (version, order) in intake.icd10pcs {
        let tables = files.pcs_tables.get(&version).map(Vec::as_slice);
        let order = order.order.unwrap_or_default();
        releases.extend(icd10pcs::facts(&version, order, tables, known, findings));
    }
    if let Some(mut book) = book(CodeSystem::Icd10Pcs, releases)? {
        let definitions = files
            .pcs_definitions
            .take()
            .map_or(Vec::new(), |(_, rows)| rows);
        let newest = files
            .pcs_tables
            .values()
            .next_back()
            .map_or(&[][..], Vec::as_slice);
        let index = files.pcs_index.as_ref();
        extras.phrases = icd10pcs::attach_index(&mut book, index, &definitions, newest, findings);
        extras.pcs_definitions = definitions;
        for (number, release) in book.releases.iter().enumerate() {
            if let Some(tables) = files.pcs_tables.remove(&release.release.version) {
                extras.pcs_tables.push(PcsTables {
                    release: 1 << number,
                    tables,
                });
            }
        }
        books.push(book);
    }

    let mut releases = take_declared(CodeSystem::Hcpcs);
    for (version, records) in std::mem::take(&mut files.hcpcs) {
        releases.extend(hcpcs::facts(&version, records, known, findings));
    }
    books.extend(book(CodeSystem::Hcpcs, releases)?);

    let mut releases = take_declared(CodeSystem::Cpt);
    for (version, descriptors) in std::mem::take(&mut files.cpt) {
        releases.extend(cpt::facts(&version, descriptors, known, findings));
    }
    books.extend(book(CodeSystem::Cpt, releases)?);

    let mut releases = take_declared(CodeSystem::Icd11Mms);
    for (version, rows) in std::mem::take(&mut files.mms) {
        releases.extend(icd11::facts(&version, rows, known, findings));
    }
    books.extend(book(CodeSystem::Icd11Mms, releases)?);

    let mut releases = take_declared(CodeSystem::Icd10Who);
    for (version, rows) in std::mem::take(&mut files.who) {
        if !files.claml.contains_key(&version) {
            releases.extend(icd10_who::facts(&version, &rows, known, findings));
        }
    }
    for (version, rows) in std::mem::take(&mut files.claml) {
        releases.extend(icd10_who::claml_facts(&version, rows, known, findings));
    }
    books.extend(book(CodeSystem::Icd10Who, releases)?);

    let releases = take_declared(CodeSystem::Icd9Cm);
    books.extend(book(CodeSystem::Icd9Cm, releases)?);
    add_omop(std::mem::take(&mut files.omop), &mut books, findings)?;
    books.sort_by_key(|book| book.system);

    extras.crosswalks = crosswalks::crosswalks(std::mem::take(&mut files.maps), &books, findings);
    extras
        .crosswalks
        .extend(crosswalks::conversions(&intake.conversions));
    carry_terms(&mut books, &extras.crosswalks, &index_names);
    if books.iter().any(|book| book.system == CodeSystem::Icd11Mms) {
        extras.phrases.extend(icd11::phrases());
    }
    for (version, layout, rows) in &files.addenda {
        addenda::check(version, *layout, rows, &books, &mut report.checks, findings);
    }
    Ok((books, extras))
}

/// The releases of `system` as a book, if there are any.
fn book(system: CodeSystem, releases: Vec<ReleaseFacts>) -> Result<Option<Book>, BuildError> {
    if releases.len() > MOST_RELEASES {
        return Err(BuildError::TooManyReleases {
            system,
            found: releases.len(),
        });
    }
    Ok((!releases.is_empty()).then(|| merge(system, releases)))
}

/// Adds the systems that only OMOP's concepts give; a publisher's own files go before them.
fn add_omop(
    files: BTreeMap<String, Vec<OmopConcept>>,
    books: &mut Vec<Book>,
    findings: &mut Vec<Skipped>,
) -> Result<(), BuildError> {
    let mut releases: BTreeMap<CodeSystem, Vec<ReleaseFacts>> = BTreeMap::new();
    for (version, concepts) in files {
        for (system, release) in omop::facts(&version, concepts, findings) {
            releases.entry(system).or_default().push(release);
        }
    }
    for (system, releases) in releases {
        if books.iter().any(|book| book.system == system) {
            report::skip(
                findings,
                "OMOP concepts of a system whose publisher's own files are loaded",
                format!("{system}: not used"),
            );
            continue;
        }
        books.extend(book(system, releases)?);
    }
    Ok(())
}

/// Marks the codes that are exempt from present-on-admission, in the release that says so.
fn mark_poa_exempt(
    book: &mut Book,
    lists: &BTreeMap<String, Vec<PoaExemptRow>>,
    findings: &mut Vec<Skipped>,
) {
    if lists.is_empty() {
        return;
    }
    let places: HashMap<String, usize> = book
        .entries
        .iter()
        .enumerate()
        .filter(|(_, entry)| entry.level == Level::Code)
        .map(|(place, entry)| (entry.key.clone(), place))
        .collect();
    for (version, rows) in lists {
        let number = book
            .releases
            .iter()
            .position(|release| release.release.version == *version);
        let Some(number) = number else {
            report::skip(
                findings,
                "list of exempt codes of a release that is not loaded",
                format!("present on admission, {version}"),
            );
            continue;
        };
        for row in rows {
            match places.get(row.code.as_str()) {
                Some(place) => add_property(
                    &mut book.entries[*place],
                    1 << number,
                    Property::PoaExempt,
                    "yes",
                ),
                None => report::skip(
                    findings,
                    "code exempt from present-on-admission that no release has",
                    format!("{version}, line {}: {}", row.line, row.code),
                ),
            }
        }
    }
}

/// The folder in which a bundle is written; removed unless it was moved to its place.
///
/// While it is written, its builder holds a lock on a file beside it. A lock file
/// that nobody holds was left by a build that was killed, and names what to remove.
struct Staging {
    path: PathBuf,
    lock_path: PathBuf,
    lock: Option<fs::File>,
}

const LOCK_ENDING: &str = ".lock";

impl Staging {
    fn beside(out: &Path) -> Result<Staging, BuildError> {
        let parent = match out.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let io_error = |path: &Path| {
            let path = path.to_owned();
            move |source| WriteError::Io { path, source }
        };
        fs::create_dir_all(parent).map_err(io_error(parent))?;
        let name = out.file_name().unwrap_or_default().to_string_lossy();
        let prefix = format!(".{name}.building-");
        remove_abandoned(parent, &prefix);
        let own = format!("{prefix}{}", std::process::id());
        let path = parent.join(&own);
        let lock_path = parent.join(own + LOCK_ENDING);
        let lock = fs::File::create(&lock_path).map_err(io_error(&lock_path))?;
        // Where there are no locks, as on some network drives, nothing is ever taken
        // for abandoned.
        let _ = lock.try_lock();
        let staging = Staging {
            path,
            lock_path,
            lock: Some(lock),
        };
        // A folder left by a killed build of the same process number is stale.
        if staging.path.exists() {
            fs::remove_dir_all(&staging.path).map_err(io_error(&staging.path))?;
        }
        fs::create_dir(&staging.path).map_err(io_error(&staging.path))?;
        Ok(staging)
    }

    /// Moves the bundle to `out`; one that stands there is swapped out in the same step
    /// and removed afterwards with the staging folder.
    fn move_to(self, out: &Path) -> Result<(), BuildError> {
        let place_error = |source| BuildError::Place {
            path: out.to_owned(),
            source,
        };
        if out.join("manifest.json").is_file() {
            return exchange(&self.path, out).map_err(place_error);
        }
        if out.is_dir() {
            // Only an empty folder passed the check at the start.
            fs::remove_dir(out).map_err(place_error)?;
        }
        fs::rename(&self.path, out).map_err(place_error)
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // After a move there is nothing left, or the bundle that was swapped out;
        // after a failure the half-written folder goes.
        let _ = fs::remove_dir_all(&self.path);
        self.lock = None;
        let _ = fs::remove_file(&self.lock_path);
    }
}

/// Removes the folders that killed builds left beside the output. What cannot be
/// removed stays: it is in nobody's way but the disk's.
fn remove_abandoned(parent: &Path, prefix: &str) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(folder) = name
            .strip_suffix(LOCK_ENDING)
            .filter(|name| name.starts_with(prefix))
        else {
            continue;
        };
        let abandoned = fs::File::open(entry.path()).is_ok_and(|lock| lock.try_lock().is_ok());
        if abandoned {
            let _ = fs::remove_dir_all(parent.join(folder));
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Swaps two folders, so that at every moment one of them is at `b`.
#[cfg(target_os = "linux")]
fn exchange(a: &Path, b: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    renameat_with(CWD, a, CWD, b, RenameFlags::EXCHANGE).map_err(io::Error::from)
}

/// Swaps two folders by way of a third name; a kill in between leaves `b` beside its place.
#[cfg(not(target_os = "linux"))]
fn exchange(a: &Path, b: &Path) -> io::Result<()> {
    let aside = a.with_extension("replaced");
    fs::rename(b, &aside)?;
    fs::rename(a, b)?;
    fs::rename(&aside, a)
}
