import { lazy, Suspense } from "react";
import { Lines } from "../ui/states.tsx";
import type { EditorProps } from "./ConditionEditor.tsx";
import classes from "./QueryBar.module.css";

const ConditionEditor = lazy(() => import("./ConditionEditor.tsx"));

/** The editor of a condition, loaded when the first one is edited. */
export function EditorPart(props: EditorProps) {
  const waiting = (
    <div className={classes.editor}>
      <Lines count={3} height={32} />
    </div>
  );
  return (
    <Suspense fallback={waiting}>
      <ConditionEditor {...props} />
    </Suspense>
  );
}
