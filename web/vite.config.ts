import react from "@vitejs/plugin-react";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

/** A running server for `npm run dev`; its certificate is its own. */
const server = process.env["BELLWIRE"] ?? "https://127.0.0.1:8443";

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    target: "es2022",
    // The server's content security policy knows no inline files.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 900,
  },
  server: {
    proxy: {
      // The server names the address of its WebSocket by the host that it is asked by.
      "/api": { target: server, secure: false, changeOrigin: true },
    },
  },
});
