/* The interfaces to the world, only the calls that are made: adapters implement them, everything else is given them. */
export * from "./ports/app.ts";
export * from "./ports/aws.ts";
export * from "./ports/cloud-error.ts";
export * from "./ports/files.ts";
export * from "./ports/google.ts";
export * from "./ports/kube.ts";
export * from "./ports/object-store.ts";
export * from "./ports/terminal.ts";
