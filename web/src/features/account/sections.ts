import { defineAsyncComponent, type Component } from 'vue'
import type { Operation } from '@/composables/useAccess'

export interface Section {
  name: 'profile' | 'seats' | 'assignment' | 'scope' | 'bot' | 'service' | 'hours' | 'survey' | 'quick' | 'groups' | 'retention' | 'other'
  /** Who may not call it does not see the section. */
  may: Operation
  page: Component
}

/** sections are the parts of an account's settings, in their order. */
export const sections: Section[] = [
  { name: 'profile', may: 'setProfile', page: defineAsyncComponent(() => import('./ProfileSection.vue')) },
  { name: 'seats', may: 'setSeat', page: defineAsyncComponent(() => import('./SeatsSection.vue')) },
  { name: 'assignment', may: 'setAssignment', page: defineAsyncComponent(() => import('./AssignmentSection.vue')) },
  { name: 'bot', may: 'setBot', page: defineAsyncComponent(() => import('./BotSection.vue')) },
  { name: 'service', may: 'setService', page: defineAsyncComponent(() => import('./ServiceSection.vue')) },
  { name: 'hours', may: 'setHours', page: defineAsyncComponent(() => import('./HoursSection.vue')) },
  { name: 'survey', may: 'setSurvey', page: defineAsyncComponent(() => import('./SurveySection.vue')) },
  { name: 'quick', may: 'createQuickReply', page: defineAsyncComponent(() => import('./QuickSection.vue')) },
  { name: 'groups', may: 'getGroupBot', page: defineAsyncComponent(() => import('./GroupsSection.vue')) },
  { name: 'scope', may: 'getSettings', page: defineAsyncComponent(() => import('./ScopeSection.vue')) },
  { name: 'retention', may: 'setRetention', page: defineAsyncComponent(() => import('./RetentionSection.vue')) },
  { name: 'other', may: 'setOther', page: defineAsyncComponent(() => import('./OtherSection.vue')) },
]
