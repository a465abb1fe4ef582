/// <reference types="vite/client" />

// The build of hls.js without sound tracks, subtitles and DRM, of which Scrim has none.
declare module "hls.js/light" {
  export * from "hls.js";
  export { default } from "hls.js";
}

declare module "*.module.css" {
  const names: Record<string, string>;
  export default names;
}
