import Select from '@cloudscape-design/components/select';

/** A choice of one of several values, each with its text. */
export function Choice<T extends string>({
  label,
  options,
  chosen,
  onChoose,
}: {
  readonly label: string;
  readonly options: Readonly<Record<T, string>>;
  readonly chosen: T;
  readonly onChoose: (value: T) => void;
}) {
  const items = (Object.entries(options) as [T, string][]).map(([value, text]) => ({
    value,
    label: text,
  }));
  return (
    <Select
      ariaLabel={label}
      options={items}
      selectedOption={items.find(({ value }) => value === chosen) ?? null}
      onChange={({ detail }) => onChoose(detail.selectedOption.value as T)}
    />
  );
}
