import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// The server's Content-Security-Policy allows nothing inline: no asset is inlined, no polyfill
// script is injected, and everything is loaded from the page's own address.
export default defineConfig({
  plugins: [react()],
  base: "/",
  build: {
    outDir: "../src/scrim/api/console",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
    target: "es2022",
  },
  server: { proxy: { "/api": "http://127.0.0.1:8460", "/media": "http://127.0.0.1:8460" } },
});
