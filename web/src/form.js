// Renders a form with form-js in place of the plain fields; both submit to the same address.

import { Form } from "@bpmn-io/form-js-viewer";
import DOMPurify from "dompurify";
import { Marked } from "marked";

async function enrich(form) {
  const { schema, values, errors } = JSON.parse(document.getElementById(form.dataset.richForm).textContent);
  const host = document.createElement("div");
  host.className = "form-host";
  const rich = new Form({ container: host, additionalModules: [SafeMarkdown] });
  try {
    await rich.importSchema(schema, values);
  } catch (error) {
    console.warn("form-js cannot show this form; the plain fields stay.", error);
    return;
  }
  form.querySelector("[data-plain-fields]").remove();
  form.before(host);
  showErrors(rich, errors);
  nameTheFields(host);

  rich.get("eventBus").on("submit", ({ data, errors: found }) => {
    if (Object.keys(found).length > 0) {
      focusFirstError(host);
      return;
    }
    const submission = form.querySelector("input[name=submission]");
    submission.disabled = false;
    submission.value = JSON.stringify(data);
    for (const button of form.querySelectorAll("button")) button.disabled = true;
    form.submit();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    rich.submit();
  });
}

/** Errors found by the server, by field key, shown where form-js shows its own. */
function showErrors(rich, errors) {
  if (!errors || Object.keys(errors).length === 0) return;
  const byId = {};
  for (const field of rich.get("formFieldRegistry").getAll()) {
    if (field.key && errors[field.key]) byId[field.id] = [errors[field.key]];
  }
  rich._setState({ errors: byId });
}

function focusFirstError(host) {
  requestAnimationFrame(() => {
    host.querySelector(".fjs-has-errors :is(input, select, textarea), [aria-invalid=true]")?.focus();
  });
}

/** form-js's own <form> needs a name of its own to be told apart by assistive technology. */
function nameTheFields(host) {
  host.querySelector("form")?.setAttribute("aria-label", "Form fields");
}

/**
 * Texts of a form hold values that strangers sent. Their HTML is shown as text, and what Markdown makes of them is cleaned
 * before form-js puts it into the document: no scripted links, no attributes that htmx reads, no pictures from elsewhere.
 */
class Renderer {
  render(markdown) {
    return DOMPurify.sanitize(plainMarkdown.parse(markdown), {
      USE_PROFILES: { html: true },
      ALLOW_DATA_ATTR: false,
      FORBID_TAGS: ["style", "form", "input", "button", "textarea", "select", "img"],
      FORBID_ATTR: ["style", "id", "class", "name"],
    });
  }
}

const plainMarkdown = new Marked({ gfm: true, breaks: true, renderer: { html: ({ text }) => escape(text) } });

function escape(text) {
  const element = document.createElement("span");
  element.textContent = text;
  return element.innerHTML;
}

const SafeMarkdown = { __init__: ["markdownRenderer"], markdownRenderer: ["type", Renderer] };

for (const form of document.querySelectorAll("form[data-rich-form]")) enrich(form);
