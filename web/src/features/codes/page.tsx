import { ActionIcon, Button, Card, Code, CopyButton, Group, SimpleGrid, Stack, Text, TextInput, Title, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy, IconPhone, IconPrinter, IconSearch } from "@tabler/icons-react";
import { useSuspenseQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { featureCodesQuery, type FeatureCode } from "@/api/queries";
import { Empty } from "@/shared/states";
import { softphone, usePhone } from "@/softphone/softphone";

/** The feature codes of this system, from its live table (manual 1.8, FCP-01). */
export function Codes() {
  const { t, i18n } = useTranslation();
  const { data: codes } = useSuspenseQuery(featureCodesQuery);
  const [sought, setSought] = useState("");
  const name = (code: FeatureCode) => (i18n.language === "en" ? code.english : code.chinese);
  const found = codes.filter((code) =>
    `${code.code} ${code.chinese} ${code.english}`.toLowerCase().includes(sought.trim().toLowerCase()),
  );
  const sections = [...new Set(found.map((code) => code.section))];
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h3">
          {t("nav.codes")}
        </Title>
        <Group className="no-print">
          <TextInput
            aria-label={t("codes.search")}
            placeholder={t("codes.search")}
            leftSection={<IconSearch size={16} />}
            value={sought}
            onChange={(event) => setSought(event.currentTarget.value)}
          />
          <Button variant="default" leftSection={<IconPrinter size={16} />} onClick={() => window.print()}>
            {t("codes.print")}
          </Button>
        </Group>
      </Group>
      {found.length === 0 && <Empty>{t("table.none")}</Empty>}
      {sections.map((section) => (
        <Stack key={section} gap="xs" component="section">
          <Title order={2} size="h5">
            {t(`codes.sections.${section || "other"}`, { defaultValue: t("codes.sections.other") })}
          </Title>
          <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} spacing="sm">
            {found
              .filter((code) => code.section === section)
              .map((code) => (
                <CodeCard key={code.name} code={code} name={name(code)} />
              ))}
          </SimpleGrid>
        </Stack>
      ))}
    </Stack>
  );
}

function CodeCard({ code, name }: { code: FeatureCode; name: string }) {
  const { t } = useTranslation();
  const argument = t(`codes.arguments.${code.argument}`, { defaultValue: "" });
  const idle = code.place === "idle";
  return (
    <Card withBorder padding="sm">
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <div>
          <Group gap={6}>
            <Code fz="md" fw={600}>
              {code.code}
            </Code>
            {argument !== "" && (
              <Text size="sm" c="dimmed">
                + {argument}
              </Text>
            )}
          </Group>
          <Text mt={4}>{name}</Text>
          {!idle && (
            <Text size="xs" c="dimmed">
              {t("codes.inCall")} {code.code}
            </Text>
          )}
        </div>
        <Group gap={4} wrap="nowrap" className="no-print">
          {idle && <DialCode code={code} name={name} />}
          <CopyButton value={code.code}>
            {({ copied, copy }) => (
              <Tooltip label={copied ? t("codes.copied") : t("codes.copy")}>
                <ActionIcon variant="subtle" color="gray" onClick={copy} aria-label={`${t("codes.copy")} ${code.code}`}>
                  {copied ? <IconCheck size={18} /> : <IconCopy size={18} />}
                </ActionIcon>
              </Tooltip>
            )}
          </CopyButton>
        </Group>
      </Group>
    </Card>
  );
}

function DialCode({ code, name }: { code: FeatureCode; name: string }) {
  const { t } = useTranslation();
  const { link } = usePhone();
  const ready = link === "registered";
  return (
    <Tooltip label={ready ? t("codes.dial") : t("dial.notRegistered")}>
      <ActionIcon
        variant="subtle"
        color="green"
        aria-disabled={!ready}
        onClick={() => ready && softphone.dial(code.code, name)}
        aria-label={`${t("codes.dial")} ${code.code}`}
      >
        <IconPhone size={18} />
      </ActionIcon>
    </Tooltip>
  );
}
