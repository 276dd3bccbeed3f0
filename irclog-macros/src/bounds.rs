//! The bounds that the generic parameters need, and no more.

use std::collections::HashSet;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{
    GenericArgument, Ident, Path, PathArguments, ReturnType, Type, TypeParamBound, TypePath,
    WhereClause, WherePredicate, parse_quote,
};

use crate::ast::Input;
use crate::attr::Mode;

/// The where clause of the type, and what its shown fields ask of the
/// parameters.
pub(crate) fn where_clause(input: &Input<'_>) -> Option<WhereClause> {
    let predicates = match &input.bound {
        Some(predicates) => predicates.iter().cloned().collect(),
        None => inferred(input),
    };
    let mut clause = input.generics.where_clause.clone();
    if !predicates.is_empty() {
        clause
            .get_or_insert_with(|| parse_quote!(where))
            .predicates
            .extend(predicates);
    }
    clause
}

fn inferred(input: &Input<'_>) -> Vec<WherePredicate> {
    let mut wanted = Wanted {
        own: input.ident,
        parameters: input
            .generics
            .type_params()
            .map(|parameter| parameter.ident.clone())
            .collect(),
        seen: HashSet::new(),
        predicates: Vec::new(),
    };
    if !wanted.parameters.is_empty() {
        let krate = &input.krate;
        let debug = quote!(#krate::__private::Debug);
        let display = quote!(#krate::__private::Display);
        let redact = quote!(#krate::__private::Redact);
        let element = quote!(#krate::__private::Element);
        for variant in &input.variants {
            if variant.hidden.is_some() {
                continue;
            }
            for field in &variant.fields {
                match input.mode(field) {
                    None => wanted.walk(field.ty, &redact, &element),
                    Some(Mode::Clear | Mode::Public) => wanted.walk(field.ty, &debug, &debug),
                    Some(Mode::Keep { .. } | Mode::Token) => {
                        wanted.walk(field.ty, &display, &display);
                    }
                    Some(Mode::Secret | Mode::Skip | Mode::With(_)) => {}
                }
                if field.local.is_some() {
                    wanted.walk(field.ty, &debug, &debug);
                }
            }
        }
    }
    wanted.predicates
}

struct Wanted<'a> {
    own: &'a Ident,
    parameters: HashSet<Ident>,
    seen: HashSet<String>,
    predicates: Vec<WherePredicate>,
}

impl Wanted<'_> {
    /// Bounds each parameter (or associated type of one) in `ty`: with `here`
    /// where it stands for the field itself, with `inside` where it is
    /// content of a container that may be a list.
    fn walk(&mut self, ty: &Type, here: &TokenStream, inside: &TokenStream) {
        match ty {
            Type::Path(path) => self.walk_path(path, here, inside),
            Type::Reference(reference) => self.walk(&reference.elem, here, inside),
            Type::Paren(paren) => self.walk(&paren.elem, here, inside),
            Type::Group(group) => self.walk(&group.elem, here, inside),
            Type::Tuple(tuple) => {
                for elem in &tuple.elems {
                    self.walk(elem, here, inside);
                }
            }
            Type::Array(array) => self.walk(&array.elem, inside, inside),
            Type::Slice(slice) => self.walk(&slice.elem, inside, inside),
            Type::TraitObject(object) => {
                for bound in &object.bounds {
                    if let TypeParamBound::Trait(bound) = bound {
                        self.walk_arguments(&bound.path, inside, inside);
                    }
                }
            }
            // Function pointers and raw pointers print as addresses whatever
            // they point to.
            _ => {}
        }
    }

    fn walk_path(&mut self, ty: &TypePath, here: &TokenStream, inside: &TokenStream) {
        if let Some(qself) = &ty.qself {
            if self.mentions_parameter(&qself.ty) {
                self.bound(ty, here);
            }
            return;
        }
        let (Some(first), Some(last)) = (ty.path.segments.first(), ty.path.segments.last()) else {
            return;
        };
        if self.parameters.contains(&first.ident) && ty.path.leading_colon.is_none() {
            self.bound(ty, here);
            return;
        }
        // A name is only a hint here: if it belongs to another type, a bound
        // is missing and the derive does not compile.
        match last.ident.to_string().as_str() {
            // What the type needs itself is what is being found out here.
            _ if last.ident == *self.own => {}
            // These ask nothing of their content.
            "PhantomData" | "Secret" => {}
            "Option" | "Result" | "Box" | "Rc" | "Arc" | "RefCell" | "Mutex" | "RwLock" => {
                self.walk_arguments(&ty.path, here, inside);
            }
            _ => self.walk_arguments(&ty.path, inside, inside),
        }
    }

    fn walk_arguments(&mut self, path: &Path, here: &TokenStream, inside: &TokenStream) {
        for segment in &path.segments {
            match &segment.arguments {
                PathArguments::None => {}
                PathArguments::AngleBracketed(arguments) => {
                    for argument in &arguments.args {
                        match argument {
                            GenericArgument::Type(ty) => self.walk(ty, here, inside),
                            GenericArgument::AssocType(assoc) => {
                                self.walk(&assoc.ty, here, inside);
                            }
                            _ => {}
                        }
                    }
                }
                PathArguments::Parenthesized(arguments) => {
                    for input in &arguments.inputs {
                        self.walk(&input.ty, here, inside);
                    }
                    if let ReturnType::Type(_, ty) = &arguments.output {
                        self.walk(ty, here, inside);
                    }
                }
            }
        }
    }

    fn mentions_parameter(&self, ty: &Type) -> bool {
        let Type::Path(path) = ty else { return false };
        path.path
            .segments
            .first()
            .is_some_and(|segment| self.parameters.contains(&segment.ident))
    }

    fn bound(&mut self, ty: &TypePath, bound: &TokenStream) {
        if self.seen.insert(quote!(#ty: #bound).to_string()) {
            self.predicates.push(parse_quote!(#ty: #bound));
        }
    }
}
