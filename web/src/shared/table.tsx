import { Table } from "@mantine/core";
import { memo, type ReactNode } from "react";
import classes from "./table.module.css";

export interface Column<T> {
  readonly key: string;
  readonly title: string;
  readonly cell: (row: T) => ReactNode;
  /** Whether what is in it stays on one line. */
  readonly oneLine?: boolean;
}

interface DataTableProps<T> {
  /** What the table shows, for who cannot see it. */
  readonly label: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly rowKey: (row: T) => string | number;
  /** A click anywhere in a row; what is to be reached by keys is in a cell. */
  readonly open?: (row: T) => void;
  readonly isOpen?: (row: T) => boolean;
}

/** A table where there is room for one, and cards with the same words where there is not. */
export function DataTable<T>({ label, columns, rows, rowKey, open, isOpen }: DataTableProps<T>) {
  // The roles are said because browsers forget them when a table is laid out as cards.
  return (
    <Table role="table" aria-label={label} className={classes["table"]} highlightOnHover stickyHeader stickyHeaderOffset={HEADER} verticalSpacing="xs">
      <Table.Thead role="rowgroup">
        <Table.Tr role="row">
          {columns.map((column) => (
            <Table.Th key={column.key} role="columnheader">
              {column.title}
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody role="rowgroup">
        {rows.map((row) => (
          <Row key={rowKey(row)} row={row} columns={columns} open={open} isOpen={isOpen?.(row) === true} />
        ))}
      </Table.Tbody>
    </Table>
  );
}

interface RowProps<T> extends Pick<DataTableProps<T>, "columns" | "open"> {
  readonly row: T;
  readonly isOpen: boolean;
}

/** Drawn anew only when something of it changed: long lists with lasting `columns` pay for what changes alone. */
const Row = memo(function Row<T>({ row, columns, open, isOpen }: RowProps<T>) {
  return (
    <Table.Tr
      role="row"
      data-open={isOpen || undefined}
      data-opens={open !== undefined || undefined}
      onClick={open && ((event) => !isControl(event.target) && open(row))}
    >
      {columns.map((column) => (
        <Table.Td key={column.key} role="cell" data-label={column.title} data-one-line={column.oneLine}>
          {column.cell(row)}
        </Table.Td>
      ))}
    </Table.Tr>
  );
}) as <T>(props: RowProps<T>) => ReactNode;

/** A click on something that does a thing of its own, or the end of a selection, opens no row. */
function isControl(target: EventTarget): boolean {
  const own = target instanceof Element && target.closest("a, button, input, label, [role=slider], [role=menu]") !== null;
  return own || window.getSelection()?.isCollapsed === false;
}

/** As high as what stands above every page. */
const HEADER = 56;
