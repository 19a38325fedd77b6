import type { RouteLocationRaw } from 'vue-router'
import type { Schemas } from '@/api/client'
import type { Column } from './StatTable.vue'

/** surveyColumns are the figures of surveys in the order that everybody knows them in. */
export function surveyColumns<Row>(of: (row: Row) => Schemas['SurveyFiguresView'] | undefined, to?: (figure: string, row: Row) => RouteLocationRaw | undefined): Column<Row>[] {
  const figures = [
    ['sent', 'count'], ['completed', 'count'], ['completion_rate', 'share'], ['good', 'count'], ['good_share', 'share'],
    ['fair', 'count'], ['fair_share', 'share'], ['bad', 'count'], ['bad_share', 'share'],
  ] as const
  return figures.map(([key, unit]) => ({ key, unit, value: (row: Row) => of(row)?.[key], to: to && unit === 'count' ? (row: Row) => to(key, row) : undefined }))
}
