//! `codebook fetch`.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use clap::Args;
use codebook::fetch::{
    Download, FetchError, Fetched, Fetcher, Offer, OfferedRelease, offers, wished,
};

use super::progress::TerminalProgress;
use super::{CliError, Outcome, output};

/// The arguments of `fetch`.
#[derive(Debug, Args)]
#[command(
    after_help = "Files go to DIR/SYSTEM-RELEASE/. What is there already is never overwritten, and what broke off
is taken up again. Publishers move files now and then: a file that is not found can be fetched
by hand and dropped into the folder, where `codebook build` recognises it.

Examples:
  codebook fetch --list
  codebook fetch icd10cm hcpcs@2025-10 --to downloads
  codebook fetch icd10cm@all --to downloads --accept-license"
)]
pub(crate) struct FetchArgs {
    /// What to fetch: `icd10cm` (its newest release), `icd10cm@2026`, `icd10cm@all`.
    #[arg(value_name = "WHAT", required_unless_present = "list")]
    what: Vec<String>,
    /// Show what is known and stop.
    #[arg(long)]
    list: bool,
    /// The folder that the files go to.
    #[arg(long, value_name = "DIR", default_value = "downloads")]
    to: PathBuf,
    /// Accept the publishers' licences without being asked.
    #[arg(long)]
    accept_license: bool,
    /// A mirror that has the files under the paths that they have at the publishers'.
    #[arg(long, value_name = "URL", env = "CODEBOOK_MIRROR")]
    mirror: Option<String>,
}

pub(super) fn run(args: FetchArgs) -> Result<Outcome, CliError> {
    let offers = offers();
    let mut out = io::stdout().lock();
    if args.list {
        write_list(&mut out, &offers)?;
        return Ok(Outcome::Done);
    }
    let mut wishes = Vec::new();
    for wish in &args.what {
        wishes.push(wished(&offers, wish)?);
    }
    let fetcher = Fetcher::new(args.mirror.is_some());
    let mut accepted: Vec<&str> = Vec::new();
    let mut outcome = Outcome::Done;
    for (offer, releases) in wishes {
        if !accepted.contains(&offer.system.as_str()) {
            if !accepts(&mut out, offer, args.accept_license)? {
                return Ok(Outcome::Problem);
            }
            accepted.push(&offer.system);
        }
        for release in releases {
            if !fetch_release(&mut out, &fetcher, &args, offer, release)? {
                outcome = Outcome::Problem;
            }
        }
    }
    if outcome == Outcome::Done {
        writeln!(
            out,
            "\nNext: codebook build {} --out bundle",
            args.to.display()
        )?;
    }
    Ok(outcome)
}

fn write_list(out: &mut dyn Write, offers: &[Offer]) -> Result<(), CliError> {
    let mut table = output::table(&["what", "files", "verified", "publisher"], &[1]);
    for offer in offers {
        for release in &offer.releases {
            let files = &release.downloads;
            let known = files.iter().filter(|file| file.sha256.is_some()).count();
            let what = format!("{}@{}", offer.system, release.version);
            let known = format!("{known} by SHA-256");
            table.add_row([&what, &files.len().to_string(), &known, &offer.publisher]);
        }
    }
    output::write_table(out, &table)
}

/// Shows the licence and asks; without a terminal only the flag accepts it.
fn accepts(out: &mut dyn Write, offer: &Offer, by_flag: bool) -> Result<bool, CliError> {
    writeln!(
        out,
        "{}: {}\nLicence: {}",
        offer.system, offer.publisher, offer.licence
    )?;
    if let Some(notice) = &offer.notice {
        writeln!(out, "{}", notice.trim())?;
    }
    if by_flag {
        return Ok(true);
    }
    if !io::stdin().is_terminal() {
        writeln!(
            io::stderr(),
            "codebook: the licence is not accepted; read it above, and accept it with --accept-license"
        )?;
        return Ok(false);
    }
    write!(out, "Do you accept it? [y/N] ")?;
    out.flush()?;
    let mut answer = String::new();
    io::stdin()
        .read_line(&mut answer)
        .map_err(CliError::Input)?;
    Ok(matches!(
        answer.trim().to_ascii_lowercase().as_str(),
        "y" | "yes"
    ))
}

/// Fetches the files of a release; false when one of them did not come. The others are
/// fetched all the same.
fn fetch_release(
    out: &mut dyn Write,
    fetcher: &Fetcher,
    args: &FetchArgs,
    offer: &Offer,
    release: &OfferedRelease,
) -> Result<bool, CliError> {
    let folder = args
        .to
        .join(format!("{}-{}", offer.system, release.version));
    let mut all_came = true;
    for file in &release.downloads {
        let wanted = Download {
            url: args
                .mirror
                .as_ref()
                .map_or_else(|| file.url.clone(), |mirror| file.at(mirror)),
            to: folder.join(file.name()),
            sha256: file.sha256.clone(),
        };
        let progress = TerminalProgress::new();
        let fetched = fetcher.fetch(&wanted, &progress);
        drop(progress);
        let path = wanted.to.display();
        match fetched {
            Ok(Fetched::New { bytes, sha256 }) => {
                let size = output::megabytes(bytes);
                let verified = match wanted.sha256 {
                    Some(_) => "as expected",
                    None => "not known before",
                };
                writeln!(out, "{path}  {size}\n  SHA-256 {sha256}, {verified}")?;
            }
            Ok(Fetched::Kept) => writeln!(out, "{path}  is there already")?,
            Err(error @ FetchError::Disk { .. }) => return Err(error.into()),
            Err(error) => {
                all_came = false;
                out.flush()?;
                writeln!(io::stderr(), "codebook: {error}")?;
            }
        }
    }
    Ok(all_came)
}
