//! dev
#![allow(
    clippy::all,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    clippy::allow_attributes,
    clippy::print_stderr
)]
use std::path::PathBuf;
struct P;
impl indexer::Progress for P {
    fn stage(&self, t: &str) {
        eprintln!("{t}");
    }
    fn file(&self, d: usize, t: usize, n: &str) {
        eprintln!("{d}/{t} {n}");
    }
}
fn main() {
    let a: Vec<String> = std::env::args().skip(1).collect();
    match a[0].as_str() {
        "build" => {
            let plan = indexer::BuildPlan {
                paths: a[2..].iter().map(PathBuf::from).collect(),
                out: PathBuf::from(&a[1]),
                replace: true,
                keep_going: false,
            };
            match indexer::build(&plan, &P) {
                Ok((m, r)) => {
                    println!("{:?}", m.counts);
                    println!("{}", serde_json::to_string_pretty(&r).unwrap());
                }
                Err(e) => {
                    println!("ERR {e} {e:?}");
                }
            }
        }
        "eval" => {
            let t = std::time::Instant::now();
            let b =
                std::sync::Arc::new(indexer::bundle::Bundle::open(&PathBuf::from(&a[1])).unwrap());
            println!("open {:?}", t.elapsed());
            let s = codebook::search::Searcher::new(b);
            println!("ready {:?}", t.elapsed());
            let sets: Vec<_> = a[2..]
                .iter()
                .filter(|x| x.ends_with(".tsv"))
                .map(|f| {
                    codebook::eval::QuestionSet::read(
                        std::path::Path::new(f)
                            .file_stem()
                            .unwrap()
                            .to_str()
                            .unwrap(),
                        &std::fs::read_to_string(f).unwrap(),
                    )
                    .unwrap()
                })
                .collect();
            let e = codebook::eval::evaluate(&s, &sets, jiff::civil::date(2026, 4, 1));
            for r in e.sets.iter().chain([&e.average]) {
                println!(
                    "{:20} {:5} top1 {:5.1} top5 {:5.1} top10 {:5.1} mrr {:.3} p50 {:6} p99 {:6}",
                    r.set, r.queries, r.top1, r.top5, r.top10, r.mrr, r.p50_us, r.p99_us
                );
            }
            if let Some(out) = a.iter().find_map(|x| x.strip_prefix("fail=")) {
                std::fs::write(
                    out,
                    e.failures
                        .iter()
                        .map(|f| {
                            format!(
                                "{}\t{}\t{}\t{:?}\t{}\n",
                                f.set,
                                f.query,
                                f.gold.join("|"),
                                f.rank,
                                f.first
                                    .iter()
                                    .map(|(c, t, m)| format!("{c} {t} [{m}]"))
                                    .collect::<Vec<_>>()
                                    .join(" || ")
                            )
                        })
                        .collect::<String>(),
                )
                .unwrap();
            }
        }
        "dump" => {
            let b = std::sync::Arc::new(indexer::bundle::Bundle::open(&PathBuf::from(&a[1])).unwrap());
            let s = codebook::search::Searcher::new(b.clone());
            use std::io::Write;
            let mut out = std::io::BufWriter::new(std::fs::File::create(&a[2]).unwrap());
            let mut q = 0u32;
            for (si,f) in a[3..].iter().enumerate() {
                let set = codebook::eval::QuestionSet::read("x", &std::fs::read_to_string(f).unwrap()).unwrap();
                for question in &set.questions {
                    let r = codebook::search::SearchRequest{text:question.query.clone(),filters:codebook::search::Filters{systems:vec![question.system],..Default::default()},date:jiff::civil::date(2026,4,1),mode:Default::default(),offset:0,limit:60};
                    let x = s.search(&r).unwrap();
                    for h in &x.hits { let c=b.concept(h.concept); let key=b.text(c.key);
                        let ok = question.gold.iter().any(|g| { let g: String=g.chars().filter(|c| c.is_ascii_alphanumeric()).collect(); let hdr=b.find(question.system,&g).is_some_and(|i| b.concept(i).subtree_end.get()>i.0+1); key==g || (hdr && key.starts_with(&g)) });
                        out.write_all(&(si as f32).to_le_bytes()).unwrap(); out.write_all(&(q as f32).to_le_bytes()).unwrap(); out.write_all(&(ok as u8 as f32).to_le_bytes()).unwrap();
                        for v in h.features.values() { out.write_all(&v.to_le_bytes()).unwrap(); }
                    }
                    q+=1;
                }
            }
        }
        _ => {
            let b =
                std::sync::Arc::new(indexer::bundle::Bundle::open(&PathBuf::from(&a[1])).unwrap());
            let s = codebook::search::Searcher::new(b.clone());
            let r = codebook::search::SearchRequest {
                text: a[2..].join(" "),
                filters: Default::default(),
                date: jiff::civil::date(2026, 4, 1),
                mode: Default::default(),
                offset: 0,
                limit: 10,
            };
            let x = s.search(&r).unwrap();
            for v in &x.plan.variants {
                println!(
                    "V {:.2} {:?} {}",
                    v.weight,
                    v.readings,
                    v.slots
                        .iter()
                        .map(|s| s
                            .alternatives
                            .iter()
                            .map(|(i, t)| format!(
                                "{}:{t:.2}",
                                b.text(b.tokens()[*i as usize].text)
                            ))
                            .collect::<Vec<_>>()
                            .join("/")
                            + &format!("({:.1})", s.weight))
                        .collect::<Vec<_>>()
                        .join(" ")
                );
            }
            for h in &x.hits {
                let c = b.concept(h.concept);
                println!(
                    "{:.3} {} {} <- {} {:?}",
                    h.score,
                    b.text(c.key),
                    b.text(c.title),
                    h.term.map_or("", |t| b.text(b.term(t).text)),
                    h.features.contributions()
                );
            }
        }
    }
}
