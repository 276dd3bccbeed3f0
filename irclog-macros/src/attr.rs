//! What may stand in `#[redact(...)]`, and where.

use std::cmp::min;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{
    Attribute, Expr, Ident, Lit, LitInt, LitStr, Meta, MetaList, MetaNameValue, Path, Token,
    WherePredicate,
};

use crate::errors::Errors;

/// One word of a `#[redact(...)]`, with what belongs to it.
pub(crate) enum Word {
    Mode(Mode),
    Label(LitStr),
    Domain(LitStr),
    Local,
    AllSecret,
    DefaultClear,
    Crate(Path),
    Bound(Predicates),
    Name,
}

/// The inside of a where clause.
pub(crate) type Predicates = Punctuated<WherePredicate, Token![,]>;

/// How a field is shown.
#[derive(Clone)]
pub(crate) enum Mode {
    Secret,
    Keep { first: usize, last: usize },
    Token,
    Public,
    Clear,
    Skip,
    With(Path),
}

impl Mode {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::Keep { .. } => "keep",
            Self::Token => "token",
            Self::Public => "public",
            Self::Clear => "clear",
            Self::Skip => "skip",
            Self::With(_) => "with",
        }
    }
}

/// A word and the tokens to blame if it is wrong.
pub(crate) struct Spoken {
    pub(crate) word: Word,
    pub(crate) tokens: TokenStream,
}

/// Where an attribute stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Field,
    Variant,
    Container,
}

impl Place {
    fn noun(self) -> &'static str {
        match self {
            Self::Field => "a field",
            Self::Variant => "a variant",
            Self::Container => "the type",
        }
    }

    fn words(self) -> &'static [&'static str] {
        match self {
            Self::Field => &FIELD_WORDS,
            Self::Variant => &["name"],
            Self::Container => &["all", "default", "crate", "bound"],
        }
    }
}

const FIELD_WORDS: [&str; 10] = [
    "secret", "keep", "token", "public", "clear", "skip", "with", "local", "label", "domain",
];

/// All words of all `#[redact]` attributes that stand on one thing.
pub(crate) fn parse(attributes: &[Attribute], place: Place, errors: &Errors) -> Vec<Spoken> {
    let mut spoken = Vec::new();
    for attribute in attributes {
        if !attribute.path().is_ident("redact") {
            continue;
        }
        match &attribute.meta {
            Meta::Path(path) => match place {
                Place::Field => spoken.push(Spoken {
                    word: Word::Mode(Mode::Secret),
                    tokens: path.to_token_stream(),
                }),
                Place::Variant => errors.at(
                    path,
                    "on a variant, `redact` needs a word: write #[redact(name)] to hide which \
                     variant it is, or put #[redact] on its fields",
                ),
                Place::Container => errors.at(
                    path,
                    "on the type, `redact` needs a word: write #[redact(all = secret)] to hide \
                     every field",
                ),
            },
            Meta::NameValue(pair) => errors.at(
                pair,
                "`redact` takes its words in brackets: write #[redact(secret)]",
            ),
            Meta::List(list) if list.tokens.is_empty() => errors.at(
                list,
                format!("empty: write one of {}", listed(place.words())),
            ),
            Meta::List(list) => {
                match list.parse_args_with(Punctuated::<Entry, Token![,]>::parse_terminated) {
                    Ok(entries) => spoken.extend(
                        entries
                            .into_iter()
                            .filter_map(|entry| entry.speak(place, errors)),
                    ),
                    Err(error) => errors.push(error),
                }
            }
        }
    }
    spoken
}

/// One comma-separated entry. Like [`Meta`], but the word after `=` may also
/// be a keyword, so that `default = clear` and mistakes like it can be told.
struct Entry(Meta);

impl Parse for Entry {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(Lit) {
            let literal: Lit = input.parse()?;
            return Err(syn::Error::new_spanned(
                literal,
                "expected a word such as `secret`, without quotes",
            ));
        }
        input.parse().map(Self)
    }
}

impl Entry {
    fn speak(self, place: Place, errors: &Errors) -> Option<Spoken> {
        let tokens = self.0.to_token_stream();
        let path = self.0.path().clone();
        let Some(name) = path.get_ident().map(Ident::to_string) else {
            errors.at(&path, unknown(&quote!(#path).to_string(), place));
            return None;
        };
        if !place.words().contains(&name.as_str()) {
            errors.at(&path, unknown(&name, place));
            return None;
        }
        let word = match name.as_str() {
            "secret" => bare(&self.0, Mode::Secret, errors),
            "token" => bare(&self.0, Mode::Token, errors),
            "public" => bare(&self.0, Mode::Public, errors),
            "clear" => bare(&self.0, Mode::Clear, errors),
            "skip" => bare(&self.0, Mode::Skip, errors),
            "keep" => keep(&self.0, errors).map(Word::Mode),
            "with" => with(&self.0, errors).map(|path| Word::Mode(Mode::With(path))),
            "local" => only_path(&self.0, errors).map(|()| Word::Local),
            "name" => only_path(&self.0, errors).map(|()| Word::Name),
            "label" => text(&self.0, "api-key", errors).map(Word::Label),
            "domain" => text(&self.0, "customer", errors).map(Word::Domain),
            "all" => choice(&self.0, "secret", errors).map(|()| Word::AllSecret),
            "default" => choice(&self.0, "clear", errors).map(|()| Word::DefaultClear),
            "bound" => bound(&self.0, errors).map(Word::Bound),
            _ => krate(&self.0, errors).map(Word::Crate),
        };
        word.map(|word| Spoken { word, tokens })
    }
}

fn bare(meta: &Meta, mode: Mode, errors: &Errors) -> Option<Word> {
    only_path(meta, errors).map(|()| Word::Mode(mode))
}

fn only_path(meta: &Meta, errors: &Errors) -> Option<()> {
    let name = meta.path().to_token_stream();
    match meta {
        Meta::Path(_) => Some(()),
        Meta::List(MetaList { tokens, .. }) if tokens.is_empty() => {
            errors.at(meta, format!("`{name}` takes no brackets: write `{name}`"));
            None
        }
        _ => {
            let hint = match name.to_string().as_str() {
                "secret" => ", for instance `secret, label = \"api-key\"`",
                "token" => ", for instance `token, domain = \"customer\"`",
                _ => "",
            };
            errors.at(meta, format!("`{name}` stands alone: write `{name}`{hint}"));
            None
        }
    }
}

fn keep(meta: &Meta, errors: &Errors) -> Option<Mode> {
    const HOW: &str = "write how many characters to show, such as keep(first = 6, last = 4)";
    let Meta::List(brackets) = meta else {
        errors.at(meta, HOW);
        return None;
    };
    let ends =
        match brackets.parse_args_with(Punctuated::<MetaNameValue, Token![,]>::parse_terminated) {
            Ok(ends) => ends,
            Err(error) => {
                errors.push(syn::Error::new(error.span(), format!("{error}: {HOW}")));
                return None;
            }
        };
    let (mut first, mut last) = (None, None);
    let mut sound = true;
    for end in &ends {
        let slot = if end.path.is_ident("first") {
            &mut first
        } else if end.path.is_ident("last") {
            &mut last
        } else {
            errors.at(&end.path, format!("`keep` knows `first` and `last`: {HOW}"));
            sound = false;
            continue;
        };
        if slot.is_some() {
            errors.at(&end.path, "written twice: leave one of them out");
            sound = false;
            continue;
        }
        if let Some(count) = number(&end.value) {
            *slot = Some(count);
        } else {
            errors.at(&end.value, format!("not a number of characters: {HOW}"));
            sound = false;
            *slot = Some(1);
        }
    }
    let (first, last) = (first.unwrap_or(0), last.unwrap_or(0));
    if sound && first == 0 && last == 0 {
        errors.at(
            meta,
            format!("this shows nothing: write `secret`, or {HOW}"),
        );
        sound = false;
    }
    sound.then_some(Mode::Keep { first, last })
}

fn number(value: &Expr) -> Option<usize> {
    let Expr::Lit(literal) = value else {
        return None;
    };
    let Lit::Int(number) = &literal.lit else {
        return None;
    };
    LitInt::base10_parse(number).ok()
}

fn with(meta: &Meta, errors: &Errors) -> Option<Path> {
    if let Meta::NameValue(MetaNameValue {
        value: Expr::Path(path),
        ..
    }) = meta
        && path.qself.is_none()
    {
        return Some(path.path.clone());
    }
    errors.at(
        meta,
        "write `with = path::to::function`, a `fn(&T, &mut Formatter) -> fmt::Result`, without \
         quotes",
    );
    None
}

fn text(meta: &Meta, example: &str, errors: &Errors) -> Option<LitStr> {
    let name = meta.path().to_token_stream();
    let Some(literal) = string(meta) else {
        errors.at(meta, format!("write `{name} = \"{example}\"`"));
        return None;
    };
    let value = literal.value();
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_. ".contains(c);
    if value.trim().is_empty() || !value.chars().all(allowed) {
        errors.at(
            literal,
            format!(
                "a {name} consists of letters, digits, spaces, `-`, `_` and `.`: write \
                 `{name} = \"{example}\"`"
            ),
        );
        return None;
    }
    Some(literal.clone())
}

fn choice(meta: &Meta, only: &str, errors: &Errors) -> Option<()> {
    let name = meta.path().to_token_stream();
    if let Meta::NameValue(MetaNameValue {
        value: Expr::Path(path),
        ..
    }) = meta
    {
        if path.path.is_ident(only) {
            return Some(());
        }
        let hint = match (name.to_string().as_str(), path.path.is_ident("secret")) {
            ("default", true) => "write `all = secret`".to_owned(),
            _ => format!("write `{name} = {only}`"),
        };
        errors.at(&path.path, format!("`{name}` knows only `{only}`: {hint}"));
        return None;
    }
    errors.at(meta, format!("write `{name} = {only}`, without quotes"));
    None
}

fn krate(meta: &Meta, errors: &Errors) -> Option<Path> {
    if let Some(path) = string(meta).and_then(|literal| literal.parse::<Path>().ok()) {
        return Some(path);
    }
    errors.at(meta, "write `crate = \"path::to::irclog\"`");
    None
}

fn bound(meta: &Meta, errors: &Errors) -> Option<Predicates> {
    let predicates =
        string(meta).and_then(|literal| literal.parse_with(Predicates::parse_terminated).ok());
    if predicates.is_none() {
        errors.at(
            meta,
            "write `bound = \"T: irclog::Redact\"`, or `bound = \"\"` for none",
        );
    }
    predicates
}

fn string(meta: &Meta) -> Option<&LitStr> {
    let Meta::NameValue(MetaNameValue {
        value: Expr::Lit(literal),
        ..
    }) = meta
    else {
        return None;
    };
    match &literal.lit {
        Lit::Str(text) => Some(text),
        _ => None,
    }
}

/// Says what is wrong with a word that may not stand here.
fn unknown(name: &str, place: Place) -> String {
    let here = place.noun();
    for other in [Place::Field, Place::Variant, Place::Container] {
        if other != place && other.words().contains(&name) {
            let instead = match (place, name) {
                (Place::Container, "secret" | "token" | "keep") => {
                    "; to hide every field write #[redact(all = secret)]"
                }
                (Place::Container, "clear" | "public") => {
                    "; to show every field that has no attribute write #[redact(default = clear)]"
                }
                (Place::Variant, "secret") => "; to hide which variant it is write #[redact(name)]",
                _ => "",
            };
            return format!(
                "`{name}` belongs on {}, not on {here}{instead}",
                other.noun()
            );
        }
    }
    let mut words = place.words().to_vec();
    words.sort_by_key(|word| distance(name, word));
    match words.first() {
        // Up to two slips of the finger.
        Some(word) if distance(name, word) <= 2 => {
            format!("unknown word `{name}`: did you mean `{word}`?")
        }
        _ => format!(
            "unknown word `{name}`: on {here} write one of {}",
            listed(place.words())
        ),
    }
}

fn listed(words: &[&str]) -> String {
    words
        .iter()
        .map(|word| format!("`{word}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

/// Levenshtein's distance, in characters.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in to.iter().enumerate() {
            let substituted = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = min(substituted, min(row[j], row[j + 1]) + 1);
        }
    }
    row[to.len()]
}
