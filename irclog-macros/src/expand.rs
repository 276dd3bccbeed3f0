//! The code that is written.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{DeriveInput, Member, Type};

use crate::ast::{Field, Input, Variant};
use crate::attr::Mode;
use crate::bounds;
use crate::check;
use crate::errors::Errors;

/// Expands the derive; mistakes become `compile_error!`s beside an impl that
/// hides everything, so that no other error follows from them.
pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    let errors = Errors::default();
    let parsed = Input::parse(input, &errors);
    if let Some(parsed) = &parsed {
        check::check(parsed, &errors);
    }
    match (errors.into_tokens(), parsed) {
        (None, Some(parsed)) => expand(&parsed),
        (Some(errors), Some(parsed)) => {
            let fallback = impls(&parsed, &hidden_whole(&Names::new(&parsed)));
            quote!(#errors #fallback)
        }
        (errors, None) => quote!(#errors),
    }
}

/// Names in the written code. Those with the span of the macro cannot clash
/// with a variable of the user's, and the underscores keep them from being
/// taken for a constant.
struct Names {
    private: TokenStream,
    formatter: Ident,
    builder: Ident,
    before: Ident,
    reveals: Ident,
}

impl Names {
    fn new(input: &Input<'_>) -> Self {
        let krate = &input.krate;
        let own = |name| Ident::new(name, Span::mixed_site());
        Self {
            private: quote!(#krate::__private),
            formatter: own("__formatter"),
            builder: own("__builder"),
            before: own("__before"),
            reveals: own("__reveals"),
        }
    }
}

fn expand(input: &Input<'_>) -> TokenStream {
    let names = Names::new(input);
    let body = if input.is_enum {
        let arms = input
            .variants
            .iter()
            .map(|variant| arm(input, variant, &names));
        if input.variants.is_empty() {
            quote!(match *self {})
        } else {
            quote!(match self { #(#arms)* })
        }
    } else {
        let variant = &input.variants[0];
        let access = |field: &Field<'_>| {
            let member = &field.member;
            if input.packed {
                quote!(&{ self.#member })
            } else {
                quote!(&self.#member)
            }
        };
        let read = read(input, variant);
        let print = print(input, variant, &access, &names);
        quote!(#read #print)
    };
    impls(input, &body)
}

/// Reads every field of a struct: of one that is never shown the compiler would
/// say that nobody does.
fn read(input: &Input<'_>, variant: &Variant<'_>) -> TokenStream {
    if input.packed {
        // References into it are not allowed.
        return TokenStream::new();
    }
    let members = variant.fields.iter().map(|field| &field.member);
    quote!(#(let _ = &self.#members;)*)
}

fn hidden_whole(names: &Names) -> TokenStream {
    let Names {
        private, formatter, ..
    } = names;
    quote!(#private::Formatter::write_str(#formatter, "[redacted]"))
}

fn impls(input: &Input<'_>, body: &TokenStream) -> TokenStream {
    let names = Names::new(input);
    let Names {
        private, formatter, ..
    } = &names;
    let ident = input.ident;
    let (impl_generics, type_generics, _) = input.generics.split_for_impl();
    let clause = bounds::where_clause(input);
    let to_value = (!is_unsized(input)).then(|| {
        let sized = match &clause {
            Some(clause) if !clause.predicates.is_empty() => {
                let predicates = clause.predicates.iter();
                quote!(where #(#predicates,)* Self: #private::Sized)
            }
            _ => quote!(where Self: #private::Sized),
        };
        quote! {
            #[automatically_derived]
            impl #impl_generics #private::ToValue for #ident #type_generics #sized {
                fn to_value(&self) -> #private::Value<'_> {
                    #private::Value::from_debug(self)
                }
            }
        }
    });
    quote! {
        #[doc(hidden)]
        #[allow(
            deprecated,
            private_bounds,
            unused_braces,
            unused_qualifications,
            unreachable_patterns,
            unreachable_code,
            clippy::absolute_paths,
            clippy::allow_attributes,
            clippy::allow_attributes_without_reason,
            clippy::missing_inline_in_public_items,
            clippy::needless_pass_by_value,
            clippy::pattern_type_mismatch,
            clippy::question_mark_used,
            clippy::redundant_closure,
            clippy::ref_patterns,
            clippy::single_call_fn,
            clippy::std_instead_of_core,
            clippy::uninhabited_references,
            clippy::used_underscore_binding
        )]
        const _: () = {
            // Not marked as derived: the compiler would say of fields that are
            // only ever logged that nobody reads them.
            impl #impl_generics #private::Debug for #ident #type_generics #clause {
                #[inline]
                fn fmt(
                    &self,
                    #formatter: &mut #private::Formatter<'_>,
                ) -> #private::Result {
                    #body
                }
            }
            #[automatically_derived]
            impl #impl_generics #private::Redact for #ident #type_generics #clause {}
            #[automatically_derived]
            impl #impl_generics #private::Element for #ident #type_generics #clause {}
            #to_value
        };
    }
}

fn arm(input: &Input<'_>, variant: &Variant<'_>, names: &Names) -> TokenStream {
    let ident = variant.ident;
    if variant.hidden.is_some() {
        let body = hidden_whole(names);
        return quote!(Self::#ident { .. } => #body,);
    }
    let binding = |field: &Field<'_>| match &field.member {
        Member::Named(ident) => {
            format_ident!("__field_{}", ident.unraw(), span = Span::mixed_site())
        }
        Member::Unnamed(index) => {
            format_ident!("__field_{}", index.index, span = Span::mixed_site())
        }
    };
    let patterns = variant
        .fields
        .iter()
        .filter(|field| is_read(input, field))
        .map(|field| {
            let member = &field.member;
            let binding = binding(field);
            quote!(#member: #binding,)
        });
    let access = |field: &Field<'_>| {
        let binding = binding(field);
        quote!(#binding)
    };
    let body = print(input, variant, &access, names);
    quote!(Self::#ident { #(#patterns)* .. } => { #body })
}

/// Whether the value of the field is looked at.
fn is_read(input: &Input<'_>, field: &Field<'_>) -> bool {
    match input.mode(field) {
        Some(Mode::Secret) => field.local.is_some(),
        Some(Mode::Skip) => false,
        _ => true,
    }
}

/// Prints one variant in the shape of std's derive. `access` gives a
/// reference to a field.
fn print(
    input: &Input<'_>,
    variant: &Variant<'_>,
    access: &dyn Fn(&Field<'_>) -> TokenStream,
    names: &Names,
) -> TokenStream {
    let Names {
        private,
        formatter,
        builder,
        before,
        reveals,
    } = names;
    let title = variant.ident.unraw().to_string();
    if variant.fields.is_empty() {
        return quote!(#private::Formatter::write_str(#formatter, #title));
    }
    let (open, builder_ty) = if variant.named {
        (quote!(debug_struct), quote!(DebugStruct))
    } else {
        (quote!(debug_tuple), quote!(DebugTuple))
    };
    let any_local = variant.fields.iter().any(|field| field.local.is_some());
    // The title is written at once: if it went straight into a record for a
    // local console, so will the fields.
    let (mark, compare) = if any_local {
        (
            quote!(let #before = #private::Mark::here();),
            quote!(let #reveals = #private::Mark::reveals(#before);),
        )
    } else {
        (quote!(), quote!())
    };
    let fields = variant.fields.iter().filter_map(|field| {
        let name = field.name();
        let name = variant.named.then(|| quote!(#name,));
        let value = access(field);
        let masked = rendering(input, variant, field, &value, names)?;
        let add = |value: &TokenStream| {
            quote!(#private::#builder_ty::field(&mut #builder, #name #value);)
        };
        let masked = add(&masked);
        Some(if field.local.is_some() {
            let full = add(&checked(&quote!(clear), field.ty, &value, names));
            quote!(if #reveals { #full } else { #masked })
        } else {
            masked
        })
    });
    quote! {
        #mark
        let mut #builder = #private::Formatter::#open(#formatter, #title);
        #compare
        #(#fields)*
        #private::#builder_ty::finish(&mut #builder)
    }
}

/// What is printed for a field, as a `&dyn Debug`; `None` if it is omitted.
fn rendering(
    input: &Input<'_>,
    variant: &Variant<'_>,
    field: &Field<'_>,
    value: &TokenStream,
    names: &Names,
) -> Option<TokenStream> {
    let private = &names.private;
    let mask = |mask: TokenStream| {
        // The message about a type without text stands on the type.
        let span = field.ty.span();
        let probe = quote_spanned!(span=> (&&&#private::Probe(#value)).masked(#mask));
        quote! {&{
            use #private::{
                MaskDisplayed as _, MaskDisplayedList as _, MaskDisplayedOption as _,
                MaskNothing as _, MaskStructurally as _,
            };
            #probe
        }}
    };
    Some(match input.mode(field) {
        None => checked(&quote!(shown), field.ty, value, names),
        Some(Mode::Clear) => checked(&quote!(clear), field.ty, value, names),
        Some(Mode::Public) => {
            let clear = checked(&quote!(clear), field.ty, value, names);
            quote!(&#private::Noted(#clear))
        }
        Some(Mode::Secret) => {
            let text = match &field.label {
                Some((label, _)) => format!("[redacted {}]", label.value()),
                None => "[redacted]".to_owned(),
            };
            quote!(&#private::Literal(#text))
        }
        Some(Mode::Keep { first, last }) => {
            mask(quote!(#private::Mask::Keep { first: #first, last: #last }))
        }
        Some(Mode::Token) => {
            let domain = match &field.domain {
                Some((domain, _)) => domain.value(),
                None => own_domain(input, variant, field),
            };
            mask(quote!(#private::Mask::Token(#domain)))
        }
        Some(Mode::With(path)) => {
            let ty = field.ty;
            // In a closure, so that a `fn(&str, ..)` does for a `String`; its
            // names stand where the path does, and so does an error about
            // them.
            let span = Span::mixed_site().located_at(path.span());
            let (field, out) = (Ident::new("__field", span), Ident::new("__out", span));
            quote!(&#private::with::<#ty, _>(#value, |#field, #out| #path(#field, #out)))
        }
        Some(Mode::Skip) => return None,
    })
}

/// A call of one of the functions that ask something of the field's type.
///
/// The function is named in a block of its own, so that an error about the
/// type stands on the type as the user wrote it, not on the argument.
fn checked(function: &TokenStream, ty: &Type, value: &TokenStream, names: &Names) -> TokenStream {
    let private = &names.private;
    quote!({ #private::#function::<#ty> }(&#value))
}

/// `Type.field` or `Type::Variant.field`: the same in every service that has
/// the type, wherever its module lies.
fn own_domain(input: &Input<'_>, variant: &Variant<'_>, field: &Field<'_>) -> String {
    let ty = input.ident.unraw();
    let name = field.name();
    if input.is_enum {
        format!("{ty}::{}.{name}", variant.ident.unraw())
    } else {
        format!("{ty}.{name}")
    }
}

/// Whether the type has no size whatever its parameters are; such a value
/// cannot be a key-value.
fn is_unsized(input: &Input<'_>) -> bool {
    let last = input
        .variants
        .last()
        .and_then(|variant| variant.fields.last());
    !input.is_enum
        && last.is_some_and(|field| match field.ty {
            Type::Slice(_) | Type::TraitObject(_) => true,
            Type::Path(path) => path.path.is_ident("str"),
            _ => false,
        })
}
