import "@mantine/core/styles.css";
import "./page.css";
import { MantineProvider } from "@mantine/core";
import { QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import { onFailure, retry } from "./api/queries";
import { theme } from "./theme";

const queries: QueryClient = new QueryClient({
  defaultOptions: { queries: { retry, refetchOnWindowFocus: false } },
  queryCache: new QueryCache({ onError: (error) => onFailure(queries, error) }),
});

// put into the page by the server, a new one for every answer
const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";

const root = document.getElementById("root");
if (root === null) throw new Error("the page has no root element");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <MantineProvider theme={theme} forceColorScheme="dark" getStyleNonce={() => nonce}>
        <App />
      </MantineProvider>
    </QueryClientProvider>
  </StrictMode>,
);
