export * from '@/composables/richText'
